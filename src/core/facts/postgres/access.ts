/** A role of `pg_roles`; the built-in `pg_*` roles are left out. */
export interface RoleFact {
  readonly name: string
  readonly canLogin: boolean
  readonly superuser: boolean
  readonly replication: boolean
  /** `rolconnlimit`, -1 for none. */
  readonly connectionLimit: number
  /** `rolvaliduntil`; null for none and for infinity. */
  readonly validUntilMs: number | null
}

/** One setting of `pg_db_role_setting`: what a new session of this role, in this database, begins with. */
export interface RoleSettingFact {
  /** null: every role. */
  readonly role: string | null
  /** null: every database. */
  readonly database: string | null
  readonly name: string
  /** Masked where its name speaks of a secret. */
  readonly value: string
}

/** `pg_hba_file_rules`: the file as it is on the disk now, which need not be what is live. */
export interface AccessRulesFact {
  readonly rules: readonly AccessRuleFact[]
  /** Of the rules and their options without line numbers and secrets: equal files, equal digests. */
  readonly digest: string
}

export interface AccessRuleFact {
  readonly line: number
  /** Name of the file from 16 on, else null. */
  readonly file: string | null
  readonly type: string | null
  readonly databases: readonly string[]
  readonly roles: readonly string[]
  readonly address: string | null
  readonly method: string | null
  /** Why the line is refused; null where it is well. */
  readonly error: string | null
}

/** What the reading role itself may do: too little makes it blind, too much makes it a danger. */
export interface PrivilegesFact {
  readonly role: string
  readonly superuser: boolean
  readonly monitor: boolean
  /** `pg_read_all_data`: lets it read `pg_authid` and `subconninfo` in clear. */
  readonly readAllData: boolean
  /** May write: `pg_write_all_data`, or it owns a table, or was granted a write on one. */
  readonly writes: boolean
}
