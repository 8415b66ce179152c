package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.partition.Partition;
import io.alldocs.partition.PartitionClient;
import io.alldocs.partition.PartitionRows;
import java.io.PrintStream;

/** Prints the package names from one key (included) to another (excluded), in order. Arguments: both keys. */
public final class ListNames {
    private ListNames() {}

    /** Runs the program. */
    public static void main(String[] args) {
        Arguments.require(args, ListNames.class, "START", "END");
        run(Env.system(), System.out, args[0], args[1]);
    }

    // region list-names
    static void run(Env env, PrintStream out, String from, String to) {
        try (PartitionClient client = PartitionClient.builder().env(env).build();
                PartitionRows rows = client.rows(Partition.of(from, to))) { // pages are fetched as they are read
            rows.forEachRemaining(row -> out.println(row.id()));
        }
    }
    // endregion
}
