import type { NodeView, Snapshot } from '../../../core/snapshot.ts'
import { subject } from '../../../core/subject.ts'
import type { LoginTry } from '../../logins.ts'
import { defineRule } from '../../rule.ts'

/** The pools of all instances together need room: the one that comes last is refused, and which one that is nobody knows before. */
export default defineRule({
  id: 'connection/too-few-sessions',
  consequence: 'connection/exhausted',
  severity: 'error',
  question: 'Is there room for the pools of all contracts after the change?',
  *run({ logins, before, after }) {
    for (const node of new Set(logins.before.map((login) => login.node))) {
      const here = logins.before.filter((login) => login.node === node)
      const needed = sum(here)
      const [was, is] = [roomOn(before, node), roomOn(after, node)]
      if (was !== null && is !== null && is < needed && is < was)
        yield {
          object: subject.setting(node, 'max_connections'),
          nodes: [node],
          message: `after the change ${node} has room for ${is} sessions of applications (before: ${was}), and the pools of the contracts may open ${needed}`,
          remedy: `Leave max_connections above ${needed} and what is reserved, or make the pools smaller first.`,
          about: [],
        }
      for (const role of new Set(here.map((login) => login.role))) {
        const ofRole = sum(here.filter((login) => login.role === role))
        const [old, now] = [limitOf(before, node, role), limitOf(after, node, role)]
        if (now === null || now < 0 || now === old) continue
        // The smallest pool of one instance is two sessions as soon as two users come at once.
        if (now >= Math.max(2, ofRole)) continue
        yield {
          object: subject.role(node, role),
          nodes: [node],
          consequence: 'connection/role-limit',
          message: `after the change ${role} may have ${now} sessions on ${node}, and the pools of its contracts may open ${ofRole}`,
          remedy: `Give the limit room for all instances: alter role ${role} connection limit ${Math.max(2, ofRole) * 2};`,
          about: [],
        }
      }
    }
  },
})

const sum = (logins: readonly LoginTry[]): number => logins.reduce((all, { poolMax }) => all + poolMax, 0)

const nodeIn = ({ nodes }: Snapshot, name: string): NodeView | undefined => nodes.find((node) => node.name === name)

function roomOn(snapshot: Snapshot, name: string): number | null {
  const settings = nodeIn(snapshot, name)?.facts.settings
  if (!settings?.seen) return null
  const value = (setting: string): number => Number(settings.value[setting] ?? 0)
  return value('max_connections') - value('superuser_reserved_connections') - value('reserved_connections')
}

function limitOf(snapshot: Snapshot, node: string, role: string): number | null {
  const roles = nodeIn(snapshot, node)?.facts.roles
  return roles?.seen ? (roles.value.find(({ name }) => name === role)?.connectionLimit ?? null) : null
}
