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

const binary = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const
const decimal = [['E', 18], ['P', 15], ['T', 12], ['G', 9], ['M', 6], ['k', 3], ['', 0], ['m', -3], ['u', -6], ['n', -9]] as const

/** As the API stores it (apimachinery, pkg/api/resource): `0.25` is `250m`, `1024Mi` is `1Gi`, `1000` is `1k`. Undefined for what is no quantity. */
export const canonicalQuantity = (value: string | number): string | undefined => {
  const text = String(value)
  const [, sign = '', whole = '', fraction = '', suffix = ''] = /^([+-]?)(\d*)(?:\.(\d*))?([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(text) ?? []
  if (whole === '' && fraction === '') return undefined
  const minus = sign === '-' ? '-' : ''
  if (/^[eE][+-]?\d/.test(suffix)) return text
  if (suffix.endsWith('i')) {
    const bytes = Math.ceil(Number(`${whole || '0'}.${fraction || '0'}`) * (factors[suffix] ?? 1))
    const best = binary.find((name) => bytes !== 0 && bytes % (factors[name] ?? 1) === 0)
    return `${minus}${best === undefined ? bytes : bytes / (factors[best] ?? 1)}${best ?? ''}`
  }
  const exponent = (decimal.find(([name]) => name === suffix)?.[1] ?? 0) + 9 - fraction.length
  const digits = BigInt(`${whole}${fraction}`)
  const nano = exponent >= 0 ? digits * 10n ** BigInt(exponent) : digits / 10n ** BigInt(-exponent)
  const best = decimal.find(([, power]) => nano % 10n ** BigInt(power + 9) === 0n)
  return nano === 0n || best === undefined ? '0' : `${minus}${nano / 10n ** BigInt(best[1] + 9)}${best[0]}`
}
