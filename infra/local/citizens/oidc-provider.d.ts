/** What is used here of the package, which brings no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

  export type Grant = {
    readonly addOIDCScope: (scope: string) => void;
    readonly addResourceScope: (resource: string, scope: string) => void;
    readonly save: () => Promise<string>;
  };

  export type OidcContext = {
    readonly oidc: {
      readonly client: { readonly clientId: string };
      readonly session: { readonly accountId: string };
      readonly provider: {
        readonly Grant: new (of: {
          readonly clientId: string;
          readonly accountId: string;
        }) => Grant;
      };
    };
  };

  export type OidcProvider = {
    readonly callback: () => RequestListener;
    readonly interactionDetails: (
      request: IncomingMessage,
      response: ServerResponse,
    ) => Promise<{ readonly uid: string; readonly prompt: { readonly name: string } }>;
    readonly interactionFinished: (
      request: IncomingMessage,
      response: ServerResponse,
      result: object,
      options?: { readonly mergeWithLastSubmission: boolean },
    ) => Promise<void>;
  };

  export const Provider: new (issuer: string, configuration: object) => OidcProvider;
}
