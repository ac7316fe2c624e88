import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { marks } from '../command/left-behind.ts'

/** Where the processes of a command are connected to, as `address port`: by Linux's /proc, at this moment. */
export function connectionsOf(mark: string, known: Map<string, boolean>): ReadonlySet<string> {
  const inodes = new Set(pidsOf(mark, known).flatMap(socketsOf))
  if (inodes.size === 0) return new Set()
  return new Set(
    ['tcp', 'tcp6'].flatMap((kind) =>
      remoteEnds(read(() => readFileSync(`/proc/net/${kind}`, 'utf8')) ?? '').flatMap(({ inode, remote }) =>
        inodes.has(inode) ? [remote] : [],
      ),
    ),
  )
}

/** `known`: processes that were looked at before; whose environment a process has it keeps. */
function pidsOf(mark: string, known: Map<string, boolean>): readonly string[] {
  const present = (read(() => readdirSync('/proc')) ?? []).filter((name) => /^\d+$/.test(name))
  for (const pid of known.keys()) if (!present.includes(pid)) known.delete(pid)
  return present.filter((pid) => {
    // One that has just been made still has the environment of whoever made it.
    if (known.get(pid) !== true) known.set(pid, marks(mark, pid))
    return known.get(pid)
  })
}

const socketsOf = (pid: string): readonly string[] =>
  (read(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap((fd) => {
    const to = read(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? ''
    return /^socket:\[(\d+)\]$/.exec(to)?.[1] ?? []
  })

/** Of each line of /proc/net/tcp: with whom, and by which socket. Pure. */
export function remoteEnds(text: string): readonly { readonly inode: string; readonly remote: string }[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, , remote = '', , , , , , , inode = ''] = line.trim().split(/\s+/)
      const [address = '', port = ''] = remote.split(':')
      return inode === '' || port === '0000' ? [] : [{ inode, remote: `${ipOf(address)} ${Number.parseInt(port, 16)}` }]
    })
}

/** Words of four bytes, each in the order of the machine. */
function ipOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed())
  const numbers = bytes.map((byte) => Number.parseInt(byte, 16))
  if (numbers.length === 4) return numbers.join('.')
  const isMapped = numbers.slice(0, 10).every((each) => each === 0) && numbers[10] === 255 && numbers[11] === 255
  if (isMapped) return numbers.slice(12).join('.')
  const words = Array.from({ length: 8 }, (_, n) =>
    (((numbers[2 * n] ?? 0) << 8) | (numbers[2 * n + 1] ?? 0)).toString(16),
  )
  // As the system's own look-up writes it.
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1)
}

/** A process may end while it is looked at. */
function read<T>(look: () => T): T | null {
  try {
    return look()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}
