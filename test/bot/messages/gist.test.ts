import { describe, expect, it } from 'vitest'
import { gistOf } from '../../../src/bot/messages/gist.ts'

describe("the point of the cluster's sentence", () => {
  it.each([
    ['a command that is not there (recordings/badcommand)', 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "bin/web": executable file not found in $PATH', 'exec: "bin/web": executable file not found in $PATH'],
    ['a refused pull', 'rpc error: code = Unknown desc = failed to pull and unpack image "r.example/shop:1": failed to resolve image: pull access denied', 'pull access denied'],
    ['a registry that answers 401', 'rpc error: code = Unknown desc = failed to pull and unpack image "r/s:1": failed to resolve reference "r/s:1": unexpected status: 401 Unauthorized', 'unexpected status: 401 Unauthorized'],
    ['anything else', 'exceeded quota: q, requested: pods=1', 'exceeded quota: q, requested: pods=1'],
  ])('is told of %s', (_what, message, gist) => expect(gistOf(message)).toBe(gist))
})
