import { unseen } from '../core/observation.ts'
import { isSameServer, type Member } from '../core/upstream.ts'
import type { Facts } from './kept-facts.ts'
import { silent, withoutSlow } from './kept-facts.ts'

/** A node that is another name for a server that an earlier node of the configuration stands for. */
export interface Twin {
  readonly of: string
  readonly atMs: number
}

export type Twins = ReadonlyMap<string, Twin>

interface Known {
  readonly name: string
  readonly facts: Facts
}

/** So long it stays one while the other name is not answered: a slow answer must not make two servers of it. */
const holdMs = 10_000

/** What was counted under one name is not counted again: of each server and database the first node of the configuration stands for it. */
export function twinsOf(nodes: readonly Known[], before: Twins, atMs: number): Twins {
  const twins = new Map<string, Twin>()
  nodes.forEach((node, n) => {
    const firsts = nodes.slice(0, n).filter(({ name }) => !twins.has(name))
    const same = firsts.find((first) => isSame(first, node))
    if (same) twins.set(node.name, { of: same.name, atMs })
    const held = before.get(node.name)
    const isSilent = firsts.some(({ name, facts }) => name === held?.of && !facts.server.seen)
    if (!same && held && isSilent && atMs - held.atMs < holdMs) twins.set(node.name, held)
  })
  return twins
}

function isSame(one: Known, other: Known): boolean {
  const [here, there] = [memberOf(one), memberOf(other)]
  // Two databases of one server have tables of their own.
  return here !== null && there !== null && here.server.database === there.server.database && isSameServer(here, there)
}

function memberOf({ name, facts: { server, settings } }: Known): Member | null {
  if (!server.seen) return null
  return { name, upstream: null, server: server.value, wanted: settings.seen ? { settings: settings.value } : {} }
}

/** A twin says nothing of its own: why, and what to do, stands in the place of each of its facts. */
export function asTwin(facts: Facts, { of }: Twin): Facts {
  const why = unseen(
    'named-twice',
    `it is the same server as ${of}, under another name: what is seen there is not counted again`,
    'take one of the two names out of `nodes`, or correct the address that leads to the wrong server',
  )
  return silent(withoutSlow(facts, why), why)
}
