package io.alldocs.http;

/** Provides the table of failures that the client uses, for documentation. */
public final class ErrorTable {

    private ErrorTable() {}

    /**
     * Returns a Markdown table of each failure, the {@link RequestException} it becomes, and whether the client retries
     * it. Lines end with {@code \n}.
     */
    public static String markdown() {
        StringBuilder table = new StringBuilder("| Cause | Exception | Retried |\n| --- | --- | --- |\n");
        for (FailureKind fault : FailureKind.values()) {
            table.append("| ").append(fault.when);
            table.append(" | `").append(fault.kind.exception);
            table.append("` | ").append(fault.retried.text).append(" |\n");
        }
        return table.toString();
    }
}
