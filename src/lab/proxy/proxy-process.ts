/** The proxies of a lab, in a process of their own: a busy watcher must not make the application's network slow. */
import type { ProxyAnswer, ProxyOrder } from './proxies.ts'
import { Proxy } from './proxy.ts'

// Written by `openProxies`, on our own command line: a pair of ports for each node.
const wanted = JSON.parse(process.argv[2] ?? '{}') as Readonly<Record<string, readonly [port: number, to: number]>>
const tell = (answer: ProxyAnswer): void => {
  if (process.connected) process.send?.(answer)
}

const proxies = new Map<string, Proxy>()
for (const [node, [port, to]] of Object.entries(wanted)) proxies.set(node, await Proxy.open(to, port))

// Only `openProxies` speaks to us.
process.on('message', (message) => void carryOut(message as ProxyOrder))
process.once('disconnect', () => process.exit(0))
process.once('SIGTERM', () => process.exit(0))
tell({ done: 0 })

async function carryOut({ number, node, way }: ProxyOrder): Promise<void> {
  await proxies.get(node)?.set(way)
  tell({ done: number })
}
