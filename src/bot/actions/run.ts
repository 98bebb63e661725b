import { defineAction } from '../action.ts'
import { readQuestion } from '../retype.ts'

/** Runs the command kept behind the button: the value is only its id. */
export const runKept = defineAction({
  ids: ['run_1', 'run_2', 'run_3'],
  run: async (context, { value, retype }) => retype(readQuestion(await context.inbox.readQuestion(value))),
})
