package io.alldocs.http;

/** The table of what can go wrong, as the client itself uses it, for documents. */
public final class FaultTable {

    private FaultTable() {}

    /**
     * A Markdown table: what happens, which {@link RequestException} it becomes, whether the client tries again; lines
     * end in {@code \n}.
     */
    public static String markdown() {
        StringBuilder table = new StringBuilder("| What happens | Error | Tried again |\n| --- | --- | --- |\n");
        for (Fault fault : Fault.values()) {
            table.append("| ").append(fault.when);
            table.append(" | `").append(fault.kind.exception);
            table.append("` | ").append(fault.retried.text).append(" |\n");
        }
        return table.toString();
    }
}
