import type { Abilities } from '../../engines/postgres/integrity/abilities.ts'
import type { IndexLook, Looks, NodeLook, PeerLook, TableLook } from '../looks.ts'

/** Somebody who may look at everything. */
export const abilities = (more: Partial<Abilities> = {}): Abilities => ({
  role: 'antemortem',
  isSuperuser: true,
  isInRecovery: false,
  versionNum: 180_004,
  systemId: '1',
  database: 'auth',
  checksums: true,
  amcheck: 'public',
  pageinspect: 'public',
  checkIndex: { call: 'bt_index_check(regclass,boolean)', may: true },
  checkHeap: { call: 'verify_heapam(regclass)', may: true },
  checkGin: { call: 'gin_index_check(regclass)', may: true },
  visibility: 'public',
  checkVisible: { call: 'pg_check_visible(regclass)', may: true },
  ...more,
})

/** A table whose pages are whole. */
export const tableLook = (more: Partial<TableLook> = {}): TableLook => ({
  schema: 'public',
  table: 'orders',
  blocks: 100,
  pages: 100,
  read: 100,
  by: 'amcheck',
  unreadable: [],
  words: null,
  zero: [],
  problems: [],
  mismapped: [],
  ...more,
})

/** An index that fits its table. */
export const indexLook = (more: Partial<IndexLook> = {}): IndexLook => ({
  schema: 'public',
  index: 'orders_pkey',
  table: 'orders',
  method: 'btree',
  by: 'amcheck',
  problem: null,
  ...more,
})

export const nodeLook = (node: string, more: Partial<NodeLook> = {}): NodeLook => ({
  node,
  abilities: abilities({ isInRecovery: node === 'standby' }),
  tables: [tableLook()],
  indexes: [indexLook()],
  objects: { constraints: [], triggers: [], collations: [], foreignKeys: [] },
  orphans: [],
  blind: [],
  ...more,
})

/** Two nodes that have the same rows. */
export const peerLook = (more: Partial<PeerLook> = {}): PeerLook => ({
  schema: 'public',
  table: 'orders',
  primary: 'primary',
  standby: 'standby',
  rows: 1000,
  onlyPrimary: [],
  onlyStandby: [],
  otherwise: [],
  counts: { onlyPrimary: 0, onlyStandby: 0, otherwise: 0 },
  more: false,
  corrupt: null,
  ...more,
})

/** A primary and its standby, all well. */
export const looks = (more: Partial<Looks> = {}): Looks => ({
  primary: 'primary',
  standbys: ['standby'],
  nodes: [nodeLook('primary'), nodeLook('standby')],
  peers: [peerLook()],
  stillThere: [],
  mapped: [],
  sequences: [],
  blind: [],
  ...more,
})
