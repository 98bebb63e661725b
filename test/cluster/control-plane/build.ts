import { join } from 'node:path'
import { builtPrograms, programsFolder } from '../../support/go-programs.ts'

const version = '1.36.1'

/** Kubernetes' own programs, from one module. */
export const kubernetesModule = (names: readonly string[]) => ({
  folder: join(import.meta.dirname, 'kubernetes'),
  packages: names.map((name) => `k8s.io/kubernetes/cmd/${name}`),
  output: '.',
  // Without these `--version` says v0.0.0-master.
  ldflags: ['-s -w', `gitVersion=v${version}`, 'gitMajor=1', 'gitMinor=36'].join(' -X k8s.io/component-base/version.'),
})

/** What is built, module by module. etcd's version: the one that Kubernetes 1.36 ships with (go.mod). */
const modules = [
  { folder: join(import.meta.dirname, 'etcd'), packages: ['go.etcd.io/etcd/server/v3'], output: 'etcd', ldflags: '-s -w' },
  kubernetesModule(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']),
]

/** Where the built programs are kept. */
export const binariesFolder = (): string => programsFolder('control-plane', modules)

/**
 * The folder with etcd, kube-apiserver, kube-controller-manager and kube-scheduler, built there when it is not yet.
 * Takes about five minutes the first time. Throws GoMissing when they must be built and there is no Go.
 */
export const controlPlaneBinaries = (say: (line: string) => void): Promise<string> =>
  builtPrograms('control-plane', modules, `etcd and Kubernetes ${version} (about five minutes)`, say)
