const factors: Record<string, number> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
}

/** `250m`, `64Mi`, `2` as a number of cores, bytes or pieces; undefined for anything else. */
export const quantity = (text: string | number | undefined): number | undefined => {
  if (typeof text === 'number') return text
  const [, digits = '', suffix = ''] = /^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(text ?? '') ?? []
  const factor = factors[suffix]
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor
}

const whole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-9

/** A number as the API prints it: `1250m` of a core, `64Mi` of memory. */
export const printQuantity = (resource: string, value: number): string => {
  if (resource.endsWith('cpu')) return whole(value) ? String(Math.round(value)) : `${Math.round(value * 1000)}m`
  if (resource.endsWith('memory') || resource.endsWith('storage')) {
    for (const [suffix, factor] of [['Gi', 2 ** 30], ['Mi', 2 ** 20], ['Ki', 2 ** 10]] as const) if (value >= factor && whole(value / factor)) return `${value / factor}${suffix}`
  }
  return String(value)
}
