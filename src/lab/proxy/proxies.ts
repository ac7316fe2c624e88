import type { ProxyWay } from '../../core/lab-step.ts'
import { programBeside, startChild } from '../child-program.ts'
import type { LabNode } from '../lab-state.ts'
import { freePorts } from '../ports.ts'

/** Ways to the nodes of a lab that an application takes in their servers' stead. They end with this process. */
export interface Proxies extends AsyncDisposable {
  /** Where the application finds this node. */
  port(node: string): number
  /** Returns when the way is so. */
  set(node: string, way: ProxyWay): Promise<void>
}

export interface ProxyOrder {
  readonly number: number
  readonly node: string
  readonly way: ProxyWay
}

/** The order's number; 0 when all listen. */
export interface ProxyAnswer {
  readonly done: number
}

export async function openProxies(nodes: readonly LabNode[]): Promise<Proxies> {
  const free = await freePorts(nodes.length)
  const ports = Object.fromEntries(nodes.map(({ name, port }, n) => [name, [free[n] ?? 0, port] as const]))
  const program = startChild(programBeside(import.meta.url, 'proxy-process'), ports, {
    ended: () => new Error('the proxies have ended'),
  })
  const done = async (number: number): Promise<unknown> =>
    program.next((message): message is ProxyAnswer => isAnswer(message) && message.done === number)
  await done(0)
  let orders = 0
  const proxyOf = (node: string): readonly [port: number, to: number] => {
    const found = ports[node]
    if (found === undefined) throw new Error(`there is no proxy in front of ${node}`)
    return found
  }
  return {
    port: (node) => proxyOf(node)[0],
    async set(node, way) {
      proxyOf(node)
      const order: ProxyOrder = { number: ++orders, node, way }
      const answered = done(order.number)
      program.child.send(order)
      await answered
    },
    [Symbol.asyncDispose]: async () => program.stop(),
  }
}

const isAnswer = (message: unknown): message is ProxyAnswer =>
  typeof message === 'object' && message !== null && 'done' in message
