import { expect, test } from 'vitest'
import { t0 } from '../../test/builders.ts'
import type { Change } from '../core/change.ts'
import { isAllowed, isFileAllowed, readAllowed } from './allow.ts'

const change = (kind: Change['kind'], object: string, source = 'fingerprint'): Change => ({
  id: 'chg-1',
  atMs: t0,
  notBeforeMs: t0,
  kind,
  object,
  before: 'a',
  after: 'b',
  source,
})

test.each<[string, Change]>([
  ['schema:public.users', change('schema', 'primary:public.users')],
  ['schema:primary:public.users', change('schema', 'primary:public.users')],
  ['schema:public.*', change('schema', 'reports:public.orders')],
  ['schema', change('schema', 'primary:public.users')],
  ['settings:work_mem', change('setting', 'primary:work_mem')],
  ['roles:app', change('role', 'primary:role app')],
  ['roles:role app search_path', change('role', 'primary:role app search_path')],
  ['topology:auth_pub', change('topology', 'primary:publication auth_pub')],
  ['access', change('access', 'primary:pg_hba.conf')],
  ['data:public.posts', change('data', 'primary:public.posts', 'gate')],
  ['files:.env', change('connection', '/srv/app/.env#DB_PORT', 'file')],
  ['files:app/.env#DB_PORT', change('connection', '/srv/app/.env#DB_PORT', 'file')],
  ['files:/srv/app/.env', change('deployment', '/srv/app/.env', 'file')],
  ['roles:nobody,settings:work_mem', change('setting', 'primary:work_mem')],
])('--allow %s declares it', (option, made) => {
  expect(isAllowed(made, readAllowed([option]))).toBe(true)
})

test.each<[string, Change]>([
  ['schema:public.users', change('schema', 'primary:public.users_old')],
  ['schema:public.users', change('data', 'primary:public.users')],
  ['schema:reports:public.users', change('schema', 'primary:public.users')],
  ['files:.env#DB_HOST', change('connection', '/srv/app/.env#DB_PORT', 'file')],
  ['files:env', change('connection', '/srv/app/.env#DB_PORT', 'file')],
])('--allow %s declares nothing of it', (option, made) => {
  expect(isAllowed(made, readAllowed([option]))).toBe(false)
})

test('a file is declared by its path or the end of it', () => {
  expect(isFileAllowed('/srv/app/.env', readAllowed(['files:.env']))).toBe(true)
  expect(isFileAllowed('/srv/app/.env', readAllowed(['files:.env#DB_PORT']))).toBe(false)
})

test.each(['shema:public.users', 'schema:', 'public.users'])('what is no declaration is refused: %s', (option) => {
  expect(() => readAllowed([option])).toThrow(/there is no such declaration/)
})
