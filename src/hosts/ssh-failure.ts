import { redact } from '../core/redact.ts'
import { unread, type Unread } from './reading.ts'

/** How an ssh ended, or what it said instead of an answer. */
export interface SshEnd {
  readonly target: string
  /** Exit code; null where a signal ended it, or where it still runs. */
  readonly code: number | null
  readonly stderr: string
  /** A line on its output that was no answer. */
  readonly noise: string | null
}

const rules: readonly (readonly [RegExp, (target: string) => Unread])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    (target) => ({
      why: `the host key of ${target} is not the one that is known`,
      remedy: `find out why: it may be another host. If it is right: ssh-keygen -R HOST, then ssh ${target} once by hand`,
    }),
  ],
  [
    /Host key verification failed|host key is known/i,
    (target) => ({
      why: `the host key of ${target} is not known here`,
      remedy: `ssh ${target} once by hand, as the same user`,
    }),
  ],
  [
    /Permission denied|Too many authentication failures|no matching .*signature/i,
    (target) => ({
      why: `${target} refuses our key`,
      remedy: 'add the public key to authorized_keys there, with the forced command of docs/host-reader.md',
    }),
  ],
  [
    /Could not resolve hostname/i,
    (target) => ({ why: `${target} is no name that can be resolved`, remedy: 'correct `ssh`, or the name service' }),
  ],
  [
    /Connection refused|No route to host|Network is unreachable|timed out|Connection (?:closed|reset)|not responding|Broken pipe/i,
    (target) => ({
      why: `${target} does not answer on its ssh port`,
      remedy: 'look at the host, its sshd and the network between',
    }),
  ],
  [
    /command not found|not found$|No such file or directory/im,
    (target) => ({
      why: `${target} has no command antemortem`,
      remedy: 'install it there, and name it with its full path in authorized_keys',
    }),
  ],
]

/** Why ssh gave no answer, and what to do. */
export function sshFailure({ target, code, stderr, noise }: SshEnd): { readonly ok: false } & Unread {
  const rule = rules.find(([pattern]) => pattern.test(stderr))
  if (rule && (code === 255 || code === 127 || code === null)) {
    const { why, remedy } = rule[1](target)
    return unread(why, remedy)
  }
  const words = redact((stderr.trim() || (noise ?? '').trim()).split('\n').slice(0, 2).join(' ').slice(0, 300))
  if (noise !== null)
    return unread(
      `${target} answers with something else: ${words}`,
      'give the key a forced command in authorized_keys: command="antemortem host-read --data DIR --log PATH"',
    )
  if (code === 127)
    return unread(`${target} has no command antemortem`, 'name it with its full path in authorized_keys')
  return unread(
    `the reader on ${target} has ended${code === null ? '' : ` (${code})`}${words === '' ? '' : `: ${words}`}`,
    `try it by hand: ssh ${target} antemortem host-read`,
  )
}
