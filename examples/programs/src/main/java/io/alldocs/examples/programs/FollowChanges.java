package io.alldocs.examples.programs;

import io.alldocs.Env;
import io.alldocs.partition.ChangesClient;
import io.alldocs.partition.ChangesSummary;
import io.alldocs.partition.Sequence;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Prints the names of packages as they change. The position in the feed survives a restart. Argument: the file that
 * stores the position.
 */
public final class FollowChanges {
    private FollowChanges() {}

    /** Runs the program until it is interrupted. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path position = Path.of(Arguments.require(args, FollowChanges.class, "FILE")[0]);
        try (ChangesClient feed = ChangesClient.builder().env(Env.system()).build()) {
            while (true) {
                step(feed, System.out, position);
                Thread.sleep(Duration.ofSeconds(5).toMillis());
            }
        }
    }

    // region follow-changes
    /**
     * Prints the names that changed since the last step. The first step only stores the current position in the feed.
     */
    static void step(ChangesClient feed, PrintStream out, Path positionFile) throws IOException {
        Sequence position;
        if (Files.exists(positionFile)) {
            Sequence since = Sequence.parse(Files.readString(positionFile));
            ChangesSummary summary = feed.replay(
                    since,
                    page -> page.changes()
                            .forEach(
                                    change -> out.println((change.deleted() ? "deleted " : "changed ") + change.id())));
            position = summary.last();
        } else {
            position = feed.info().updateSeq();
        }
        Files.writeString(positionFile, position.toString()); // stored last: a crash repeats changes but loses none
    }
    // endregion
}
