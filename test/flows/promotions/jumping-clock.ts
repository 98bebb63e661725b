import { readFileSync } from 'node:fs'

/*
 * Loaded into a process before everything else: at SIGUSR2 its wall clock jumps by so many ms as the file that CLOCK_JUMP names says, as if somebody had
 * set it. Nothing else of the process knows.
 */
const Real = Date
let jump = 0

globalThis.Date = new Proxy(Real, {
  construct: (target, args, asked) => Reflect.construct(target, args.length === 0 ? [Real.now() + jump] : args, asked),
  apply: () => new Real(Real.now() + jump).toString(),
  get: (target, name) => (name === 'now' ? () => Real.now() + jump : Reflect.get(target, name)),
})

process.on('SIGUSR2', () => {
  jump = Number(readFileSync(process.env['CLOCK_JUMP'] ?? '', 'utf8'))
})
