/** `pg_publication` with what it carries, `pg_publication_tables`. */
export interface PublicationFact {
  readonly name: string
  readonly allTables: boolean
  /** Schemas published whole (15 and later). */
  readonly schemas: readonly string[]
  readonly publishes: {
    readonly insert: boolean
    readonly update: boolean
    readonly delete: boolean
    readonly truncate: boolean
  }
  readonly tables: readonly PublishedTableFact[]
  /** `pubgencols` (18 and later): stored generated columns are sent without being listed. */
  readonly generatedColumns?: boolean
}

export interface PublishedTableFact {
  readonly schema: string
  readonly name: string
  /** null: every column. */
  readonly columns: readonly string[] | null
  readonly rowFilter: string | null
}

/** `pg_subscription` with `pg_subscription_rel`. The connection string is never read. */
export interface SubscriptionFact {
  readonly name: string
  readonly enabled: boolean
  readonly slot: string | null
  readonly publications: readonly string[]
  readonly tables: readonly { readonly schema: string; readonly name: string; readonly state: string }[]
}
