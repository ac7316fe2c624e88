import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { approve, approvedPlan } from './approval.ts'

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    privatePem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
  }
}

const plan = { id: 'gate-1', steps: [{ sql: 'select 1' }] }
const { privatePem, publicPem } = pair()
const approval = approve(plan, '2026-03-05T09:04:00.000Z', privatePem)

test('what was signed comes back as it was signed, also through a file that sorts its keys otherwise', () => {
  const { signature, approved_at, plan: signed, format } = approval
  const read: unknown = JSON.parse(JSON.stringify({ signature, plan: signed, format, approved_at }))
  expect(approvedPlan(read, publicPem)).toEqual(plan)
})

test.each([
  ['another plan', { ...approval, plan: { ...plan, id: 'gate-2' } }],
  ['another time', { ...approval, approved_at: '2027-03-05T09:04:00.000Z' }],
  ['another signature', { ...approval, signature: Buffer.from('x'.repeat(64)).toString('base64') }],
])('%s is refused', (_, changed) => {
  expect(() => approvedPlan(changed, publicPem)).toThrow('the signature under the plan is not that of the given key')
})

test('a key of somebody else, a file that holds no plan, and a key of another kind are refused', () => {
  expect(() => approvedPlan(approval, pair().publicPem)).toThrow('is not that of the given key')
  expect(() => approvedPlan({ plan }, publicPem)).toThrow('the file holds no approved plan')
  expect(() => approvedPlan(null, publicPem)).toThrow('the file holds no approved plan')
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = String(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  expect(() => approve(plan, '', pem)).toThrow('the key is no Ed25519 key in PEM')
  expect(() => approve(plan, '', 'no key')).toThrow('the key is no Ed25519 key in PEM')
})
