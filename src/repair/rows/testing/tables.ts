import type { ForeignKey, TableLook, TargetLook } from '../../../engines/postgres/act/repair-look.ts'
import type { TableRows } from '../table-rows.ts'

/** A superuser on a node that nobody reads from. */
export const targetOf = (more: Partial<TargetLook> = {}): TargetLook => ({
  systemId: '7',
  database: 'auth',
  isInRecovery: false,
  versionNum: 180_004,
  role: 'mender',
  isSuperuser: true,
  mayReplicate: true,
  mayOriginate: true,
  slots: [],
  ...more,
})

export const keyOf = (more: Partial<ForeignKey> = {}): ForeignKey => ({
  name: 'orders_user_id_fkey',
  isParent: true,
  isReadable: true,
  childSchema: 'public',
  child: 'orders',
  childColumns: ['user_id'],
  childTypes: ['integer'],
  parentSchema: 'public',
  parent: 'users',
  parentColumns: ['id'],
  onDelete: 'a',
  onUpdate: 'a',
  ...more,
})

const column = (name: string) => ({ name, notNull: true, hasDefault: false, identity: '', generated: '' })

/** An ordinary table with its own key and nothing else. */
export const lookOf = (more: Partial<TableLook> = {}): TableLook => ({
  kind: 'r',
  isPermanent: true,
  isInherited: false,
  may: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
  hasPolicy: false,
  hasIdentity: true,
  uniques: [['id']],
  columns: [column('id'), column('name')],
  triggers: [],
  rules: [],
  foreignKeys: [],
  sequences: [],
  publications: [],
  ...more,
})

/** One changed row of `public.users`. */
export const rowsOf = (more: Partial<TableRows> = {}): TableRows => ({
  schema: 'public',
  table: 'users',
  verdict: 'divergent',
  detail: null,
  more: false,
  key: ['id'],
  columns: [
    { name: 'id', type: 'integer', isPadded: false, generated: '' },
    { name: 'name', type: 'text', isPadded: false, generated: '' },
  ],
  compared: ['id', 'name'],
  rows: [{ key: ['1'], from: { id: '1', name: 'wrong' }, to: { id: '1', name: 'right' } }],
  healed: 0,
  moving: [],
  inexact: [],
  twice: [],
  problem: null,
  look: lookOf(),
  greatest: {},
  sentOn: [],
  ...more,
})
