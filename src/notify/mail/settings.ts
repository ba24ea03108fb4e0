/** Who gets mails, and on which way they go. */
export type MailSettings = {
  readonly to: readonly string[];
  readonly from: string;
  readonly route: MailRoute;
};

export type MailRoute =
  /** The machine's own MTA. */
  | { readonly kind: "sendmail" }
  | {
      readonly kind: "smtp";
      readonly host: string;
      readonly port: number;
      /**
       * - `tls`: from the first byte on (smtps, port 465)
       * - `starttls`: asked for, and insisted on (port 587)
       * - `none`: only to this very machine
       */
      readonly encryption: "tls" | "starttls" | "none";
      readonly login: { readonly user: string; readonly passwordFile: string } | null;
    };
