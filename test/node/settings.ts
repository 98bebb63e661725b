import { installed } from './machine.ts'
import { bridge, cgroup } from './leftovers.ts'

/** RFC 2544's range for tests between machines: nobody routes it, and this one is reachable from this machine only. */
export const network = { address: '198.18.0.1', subnet: '198.18.0.0/24' } as const

/** Images of all behaviours come from here. */
export interface NodeFiles {
  /** Of this node, in a temporary place. */
  readonly folder: string
  /** `127.0.0.1:PORT` */
  readonly registry: string
  readonly kubeletPort: number
}

/** containerd 2's configuration. The native snapshotter copies the one layer, which works on every file system. */
export const containerdConfig = ({ folder, registry }: NodeFiles): string => `version = 3
root = '${folder}/containerd'
state = '${folder}/state'
disabled_plugins = ['io.containerd.nri.v1.nri', 'io.containerd.internal.v1.tracing']
[grpc]
  address = '${folder}/containerd.sock'
[plugins.'io.containerd.cri.v1.images']
  snapshotter = 'native'
  use_local_image_pull = true
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = '${registry}/pause:1'
  [plugins.'io.containerd.cri.v1.images'.registry]
    config_path = '${folder}/certs.d'
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['${installed.cni}']
    conf_dir = '${folder}/cni'
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = '${installed.runc}'
      SystemdCgroup = false
`

/** Plain http for the registry of this machine. */
export const hostsConfig = ({ registry }: NodeFiles): string =>
  `server = 'http://${registry}'\n[host.'http://${registry}']\n  capabilities = ['pull', 'resolve']\n`

/** No gateway and no masquerading: pods and this machine share one subnet, so that nothing is forwarded and iptables stays as it is. */
export const cniConfig = ({ folder }: NodeFiles): string =>
  JSON.stringify({
    cniVersion: '1.0.0', name: 'slipway',
    plugins: [
      {
        type: 'bridge', bridge, isGateway: false, ipMasq: false,
        ipam: { type: 'host-local', dataDir: `${folder}/ipam`, ranges: [[{ subnet: network.subnet, rangeStart: '198.18.0.10' }]] },
      },
    ],
  })

/** KubeletConfiguration v1beta1: what differs from the defaults, and why where it is not plain. */
export const kubeletConfig = ({ folder, kubeletPort }: NodeFiles): string =>
  JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration',
    address: network.address, port: kubeletPort, readOnlyPort: 0, healthzPort: 0,
    // Only this machine reaches that address, and only the API server of this test asks there.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }, authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
    cgroupDriver: 'cgroupfs', cgroupRoot: `/${cgroup}`, failCgroupV1: false, enforceNodeAllocatable: [],
    failSwapOn: false, makeIPTablesUtilChains: false, protectKernelDefaults: false, resolvConf: '',
    // Nobody answers there and no test asks; without, every pod gets a warning.
    clusterDNS: ['10.96.0.10'], clusterDomain: 'cluster.local',
    serializeImagePulls: false, podLogsDir: `${folder}/pod-logs`,
    // A full disk of this machine is nobody's business here.
    evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'imagefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.inodesFree': '0%' },
    imageGCHighThresholdPercent: 100, imageGCLowThresholdPercent: 99,
    nodeStatusUpdateFrequency: '2s', registryPullQPS: 0,
    // All plays begin at once.
    kubeAPIQPS: 200, kubeAPIBurst: 400, eventRecordQPS: 200, eventBurst: 400,
  })
