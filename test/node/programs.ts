import { join } from 'node:path'
import { kubernetesModule } from '../cluster/control-plane/build.ts'
import { builtPrograms, programsFolder } from '../support/go-programs.ts'

/** What a node and its containers are made of, besides Debian's runc and CNI plugins. A kubelet of 1.36 wants containerd 2. */
const modules = [
  kubernetesModule(['kubelet']),
  {
    folder: join(import.meta.dirname, 'containerd'),
    packages: ['containerd', 'containerd-shim-runc-v2'].map((name) => `github.com/containerd/containerd/v2/cmd/${name}`),
    output: '.',
    ldflags: '-s -w',
    tags: 'no_btrfs',
  },
]

const app = [{ folder: join(import.meta.dirname, 'app'), packages: ['.'], output: 'app', ldflags: '-s -w' }]

/** Where the node's programs are kept. */
export const nodeFolder = (): string => programsFolder('node', modules)

/**
 * The folder with kubelet, containerd and its shim, built there when it is not yet: about two minutes after the control plane, seven without.
 * Throws GoMissing when they must be built and there is no Go.
 */
export const nodePrograms = (say: (line: string) => void): Promise<string> => builtPrograms('node', modules, 'kubelet and containerd (about two minutes)', say)

/** The static program that every test image consists of. */
export const appProgram = async (say: (line: string) => void): Promise<string> => join(await builtPrograms('node-app', app, 'the test app', say), 'app')
