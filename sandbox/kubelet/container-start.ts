import type { Container, ContainerContext } from './container.ts'
import { backOff, containerId, imageId, say, setRunning, setTerminated } from './container.ts'
import { invalidImageName } from './image-reference.ts'
import { environmentOf } from './needs.ts'
import { runAfter } from './scenario.ts'

/** How one attempt to start a container went. A failure's reason and message are what the pod's status says from the next sync on. */
export type Attempt = { started: true } | { started: false; reason: string; message: string; ran: boolean }

const failed = (reason: string, message: string, ran = false): Attempt => ({ started: false, reason, message, ran })

const haveImage = async (context: ContainerContext, container: Container): Promise<Attempt | undefined> => {
  const { host } = context
  const { image, imagePullPolicy = 'IfNotPresent' } = container.spec
  const bad = invalidImageName(image)
  if (bad !== undefined) {
    say(context, container, 'Warning', 'InspectFailed', bad)
    say(context, container, 'Warning', 'Failed', 'Error: InvalidImageName')
    return failed('InvalidImageName', bad)
  }
  const there = host.hasImage(image)
  if (there && imagePullPolicy !== 'Always') {
    say(context, container, 'Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`)
    return undefined
  }
  if (imagePullPolicy === 'Never') {
    const message = `Container image "${image}" is not present with pull policy of Never`
    say(context, container, 'Warning', 'ErrImageNeverPull', message)
    say(context, container, 'Warning', 'Failed', 'Error: ErrImageNeverPull')
    return failed('ErrImageNeverPull', message)
  }
  if (container.pullFailures > 0 && host.clock.since(container.pullFailedAt) < backOff(container.pullFailures)) {
    say(context, container, 'Normal', 'BackOff', `Back-off pulling image "${image}"`)
    say(context, container, 'Warning', 'Failed', 'Error: ImagePullBackOff')
    return failed('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${container.pullCause}`)
  }
  say(context, container, 'Normal', 'Pulling', `Pulling image "${image}"`)
  const pull = await host.pull(image)
  if (pull.outcome === 'failed') {
    container.pullFailures += 1
    container.pullFailedAt = host.clock.now()
    container.pullCause = pull.cause
    say(context, container, 'Warning', 'Failed', `Failed to pull image "${image}": ${pull.cause}`)
    say(context, container, 'Warning', 'Failed', 'Error: ErrImagePull')
    return failed('ErrImagePull', pull.cause)
  }
  await host.clock.sleep(pull.took, context.signal)
  container.pullFailures = 0
  const took = `${pull.took}ms`
  say(context, container, 'Normal', 'Pulled', `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${pull.bytes} bytes.`)
  return undefined
}

const scriptedLack = ({ scenario: { lacks } }: Container): string | undefined =>
  lacks !== undefined && 'secret' in lacks ? `secret "${lacks.secret}" not found` : undefined

/**
 * One attempt to get the container running, with the events of kubelet 1.36: the image, the environment, the runtime.
 * Milliseconds between the steps are the recorded ones.
 */
export const startContainer = async (context: ContainerContext, container: Container): Promise<Attempt> => {
  const { host, signal } = context
  const noImage = await haveImage(context, container)
  if (noImage !== undefined) return noImage
  const lacks = scriptedLack(container)
  const environment = lacks === undefined ? await environmentOf(context.pod(), container.spec, host) : { lacks }
  if ('lacks' in environment) {
    say(context, container, 'Warning', 'Failed', `Error: ${environment.lacks}`)
    return failed('CreateContainerConfigError', environment.lacks)
  }
  await host.clock.sleep(10, signal)
  say(context, container, 'Normal', 'Created', 'Container created')
  await host.clock.sleep(50, signal)
  const began = container.status.containerID === undefined ? 0 : container.status.restartCount + 1
  const { startError } = runAfter(container.scenario, began)
  if (startError !== undefined) {
    say(context, container, 'Warning', 'Failed', `Error: ${startError}`)
    container.status = {
      ...container.status,
      restartCount: began,
      containerID: containerId(context.pod(), container.spec.name, began),
      imageID: imageId(container.spec.image),
    }
    setTerminated(container, host.clock.now(), { code: 128, reason: 'StartError', message: startError })
    return failed('RunContainerError', startError, true)
  }
  say(context, container, 'Normal', 'Started', 'Container started')
  setRunning(container, context.pod(), host.clock.now())
  return { started: true }
}
