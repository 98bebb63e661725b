/** The forms in which a value could get out. */
const formsOf = (value: string): readonly string[] => {
  const bytes = Buffer.from(value)
  const base64 = bytes.toString('base64').replaceAll('=', '')
  return [...new Set([value, base64, base64.replaceAll('+', '-').replaceAll('/', '_'), encodeURIComponent(value), bytes.toString('hex')])]
}

/** Which of these values stand in which of these texts, in any of their forms: one line each. */
export const leaks = (values: readonly string[], places: Readonly<Record<string, string>>): readonly string[] =>
  values.flatMap((value, index) =>
    Object.entries(places).flatMap(([place, text]) => {
      const form = formsOf(value).find((one) => text.includes(one))
      if (form === undefined) return []
      const at = text.indexOf(form)
      return [`env value ${String(index)} stands in ${place}: …${text.slice(Math.max(0, at - 80), at)}<value>${text.slice(at + form.length, at + form.length + 40)}…`]
    }),
  )
