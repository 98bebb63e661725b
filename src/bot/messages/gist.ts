/** What runtimes say of the way there before they come to the point (containerd, runc: recordings/badcommand, badimage). */
const detours: readonly RegExp[] = [
  /^rpc error: code = \w+ desc = /,
  /^failed to pull and unpack image "[^"]*": /,
  /^failed to resolve (?:image|reference "[^"]*"): /,
  /^failed to create containerd task: /,
  /^failed to create shim task: /,
  /^OCI runtime create failed: /,
  /^runc create failed: /,
  /^unable to start container process: /,
  /^error during container init: /,
]

/** The point of the cluster's sentence: the reason stands at its end, and a card shows its beginning. Pure. */
export const gistOf = (message: string): string => detours.reduce((rest, detour) => rest.replace(detour, ''), message)
