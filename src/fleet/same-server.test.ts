import { expect, test } from 'vitest'
import { node, t0 } from '../../test/builders.ts'
import { unseen } from '../core/observation.ts'
import { asTwin, twinsOf } from './same-server.ts'

const primary = node('primary', 'primary')
const { server } = primary.facts
if (!server.seen) throw new Error('the builder gives a server')
const named = (name: string, more: Partial<typeof server.value> = {}) => ({
  name,
  facts: { ...primary.facts, server: { ...server, value: { ...server.value, ...more } } },
})
const away = { ...primary, facts: { ...primary.facts, server: unseen('timed-out', 'no answer', 'look') } }
const names = (twins: ReturnType<typeof twinsOf>): readonly string[] =>
  [...twins].map(([name, { of }]) => `${name}=${of}`)

test('of several names of one server the first stands for it', () => {
  const all = [primary, named('writer'), named('db1'), named('other', { startedMs: 1 })]
  expect(names(twinsOf(all, new Map(), t0))).toEqual(['writer=primary', 'db1=primary'])
})

test('two databases of one server are two nodes', () => {
  expect(names(twinsOf([primary, named('reports', { database: 'reports' })], new Map(), t0))).toEqual([])
})

test('while the first name is silent for a moment the other stays one; then it speaks for the server', () => {
  const before = twinsOf([primary, named('writer')], new Map(), t0)
  const later = twinsOf([away, named('writer')], before, t0 + 9_000)
  expect(names(later)).toEqual(['writer=primary'])
  expect(names(twinsOf([away, named('writer')], later, t0 + 11_000))).toEqual([])
})

test('another server behind its address makes it a node of its own at once', () => {
  const before = twinsOf([primary, named('writer')], new Map(), t0)
  expect(names(twinsOf([primary, named('writer', { systemId: '2' })], before, t0 + 1000))).toEqual([])
})

test('in the place of each of its facts stands why, and what to do', () => {
  const facts = Object.values(asTwin(primary.facts, { of: 'primary', atMs: t0 }))
  expect(new Set(facts.map((fact) => (fact.seen ? 'seen' : fact.why)))).toEqual(new Set(['named-twice']))
})
