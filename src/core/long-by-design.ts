import type { LongTransactionFact } from './facts/postgres/activity.ts'

/** Names under which dumps and backups connect by themselves. */
const dumps = /^(?:pg_dump|pg_dumpall|pg_basebackup|pg_receivewal|pgbackrest|barman|wal-g|wal_g)\b/i

/** A dump holds one transaction for as long as it runs: the leader of a parallel one even idles in it. */
export const isDump = ({ application }: LongTransactionFact): boolean => dumps.test(application)

/** Walsenders (base backups too), autovacuum and apply workers are in long transactions by nature. */
export const isClient = ({ backendType }: LongTransactionFact): boolean => backendType === 'client backend'
