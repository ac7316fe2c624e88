import type { Case, Cause, Evidence } from '../../../core/diagnosis.ts'
import type { HostFact } from '../../../core/facts/cluster.ts'
import { subject } from '../../../core/subject.ts'
import { contractEffects, findingsOf, outcomeEffects } from '../../effects.ts'
import { evidenceOf } from '../../evidence.ts'
import { contractHarm, outcomeHarm } from '../../harm.ts'
import { instanceHarm } from '../../instances.ts'
import { isLost } from '../../connection-codes.ts'
import { beganSinceGood, clientHarm, entryEvidence, errorsOn, logEffects, withCode } from '../../log-errors.ts'
import { hostOf } from '../../server-log.ts'

const isFull = (code: string): boolean => code === '53100'
/** Less is nothing: a segment of WAL has 16 MB. */
const leastBytes = 32 * 1024 * 1024

/** The server cannot write any more. Where that is the WAL, it stops, and cannot start. */
const cause: Cause = {
  id: 'capacity/disk-full',
  taxonomy: 'disk-full',
  title: 'a disk of the server is full',
  follows: ['capacity/slot-retains-wal'],
  *recognise(c) {
    for (const { name: node } of c.snapshot.nodes) {
      const lines = errorsOn(c, node, withCode('53100'))
      const full = fullDisks(hostOf(c, node))
      const said = [...outcomeHarm(c, node, isFull), ...contractHarm(c, node, ({ code }) => isFull(code ?? ''))]
      if (lines.length === 0 && full.length === 0 && said.length === 0) continue
      const disks = full.map((disk) => diskEvidence(node, disk))
      const isDown = lines.some(({ severity }) => severity !== 'ERROR')
      // A server that panics for it takes every connection with it.
      const fits = (code: string): boolean => isFull(code) || (isDown && isLost(code))
      yield {
        subject: subject.node(node),
        direct: [...lines.map(entryEvidence), ...disks],
        indirect: said,
        harm: [
          ...said,
          ...clientHarm(c, node, withCode('53100')),
          ...(isDown ? instanceHarm(c, node, { instances: null }, fits) : []),
          ...(isDown ? contractHarm(c, node, ({ code }) => isLost(code ?? '')) : []),
        ],
        isNew: beganSinceGood(c, lines) || hadSpace(c, node),
        explains: [
          ...findingsOf(c, 'capacity/disk', node),
          ...outcomeEffects(c, node, fits),
          ...contractEffects(c, node, ({ code }) => fits(code ?? '')),
          ...logEffects(c, node, withCode('53100')),
          ...(isDown ? findingsOf(c, 'connections/reachable', node) : []),
        ],
        objects: [subject.node(node)],
        ...(lines.length === 0 &&
          disks.length === 0 && { missing: `the disks of ${node}, and its log: neither is read` }),
        remedy: {
          words: `Make room outside the data directory first, or enlarge the disk. Never remove anything in pg_wal by hand: look which slot or which failing archive keeps it.`,
          commands: [
            `on ${node}'s host: df -h; du -xsh DATA/pg_wal DATA/base DATA/pgsql_tmp; ls LOG`,
            `on ${node}: select slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) from pg_replication_slots order by restart_lsn;`,
            `on ${node}: select failed_count, last_failed_wal from pg_stat_archiver;`,
          ],
        },
      }
    }
  },
}
export default cause

type Disk = HostFact['disks'][number]

const isDiskFull = ({ what, freeBytes, totalBytes }: Disk): boolean =>
  what !== 'log' && freeBytes < Math.min(leastBytes, totalBytes / 100)

const fullDisks = (host: HostFact | null): readonly Disk[] => (host?.disks ?? []).filter(isDiskFull)

const diskEvidence = (node: string, { what, path, freeBytes, totalBytes }: Disk): Evidence =>
  evidenceOf(node, 'statvfs', `the disk of ${what} on ${node} (${path}) has ${freeBytes} of ${totalBytes} bytes left`, {
    free_bytes: freeBytes,
    total_bytes: totalBytes,
  })

/** A moment ago there was room on every disk of it. */
const hadSpace = (c: Case, node: string): boolean => {
  const hosts = c.earlier?.facts.hosts
  const past = hosts?.seen ? hosts.value.hosts.find((host) => host.node === node) : undefined
  const now = hostOf(c, node)
  return c.lastGoodMs !== null && past !== undefined && fullDisks(past).length === 0 && fullDisks(now).length > 0
}
