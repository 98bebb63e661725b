/** `work`, or an error of `late` when it has not settled within `ms`; it goes on all the same. */
export const inTime = async <Value>(work: Promise<Value>, ms: number, late: string): Promise<Value> => {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(late)), ms)
    timer.unref()
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
