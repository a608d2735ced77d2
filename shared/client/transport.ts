/** One HTTP request as this client makes it. Redirects are never followed: a token names its URL. */
export type Call = {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly redirect: 'error';
  readonly signal: AbortSignal;
};

export type Reply = {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly text: () => Promise<string>;
  /** The body as it is; one of the two is asked for, once. */
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
};

/**
 * Sends one request and rejects when no answer came. The global `fetch` is one; a transport of
 * another make is needed where the `Host` header must differ from the URL, which `fetch` forbids.
 */
export type Transport = (url: string, call: Call) => Promise<Reply>;

/** Resolves after so many milliseconds. */
export type Wait = (milliseconds: number) => Promise<void>;
