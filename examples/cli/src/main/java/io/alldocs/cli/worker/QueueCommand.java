package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cli.Amount;
import io.alldocs.cli.CacheOptions;
import io.alldocs.cli.ExitCode;
import io.alldocs.cli.OutputOptions;
import io.alldocs.cli.UsageException;
import io.alldocs.cli.Version;
import io.alldocs.worker.DeadLetters;
import io.alldocs.worker.spi.DeadLetter;
import io.alldocs.worker.spi.QueueSizes;
import io.alldocs.worker.spi.WorkQueue;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the items of a work queue, and retries or discards its dead letters. */
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Shows the sizes of a work queue, lists its dead letters, and retries or discards them.",
            "QUEUE_DRIVER, REDIS_URL and QUEUE_NAME select the queue."
        },
        exitCodeList = {
            "0:done",
            "1:some of the ids are not ids of dead letters",
            "2:the command line is invalid, or the queue cannot be used"
        })
public final class QueueCommand implements Callable<Integer> {
    /**
     * The logger of queues on Redis. The constant prevents the garbage collector from removing the logger and its
     * level.
     */
    private static final Logger REDIS_LOG = Logger.getLogger("io.alldocs.worker.redis.RedisWorkQueue");

    private enum Action {
        SIZES,
        DEAD,
        RETRY,
        DISCARD
    }

    private final Map<String, String> environment;

    @Parameters(
            index = "0",
            paramLabel = "sizes|dead|retry|discard",
            description = "sizes: prints how many items are waiting, delayed, running and dead. dead: prints the dead"
                    + " letters with their reasons, oldest first. retry: returns dead letters to the queue"
                    + " as new items. discard: deletes dead letters.")
    private @Nullable Action action;

    @Parameters(index = "1..*", paramLabel = "ID", description = "Dead letters to retry or discard.")
    private List<String> ids = List.of();

    @Option(names = "--all", description = "All of them, instead of a choice.")
    private boolean all;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "Print at most N, 0 for all. Default: ${DEFAULT-VALUE}")
    private long limit;

    @Mixin
    private CacheOptions cacheOptions = new CacheOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    /** Creates a command that reads its environment variables from {@code environment}. */
    public QueueCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        Action asked = Objects.requireNonNull(action);
        boolean changes = asked == Action.RETRY || asked == Action.DISCARD;
        if (changes && all == !ids.isEmpty()) {
            throw new UsageException("Pass either the ids of dead letters or --all.");
        }
        if (!changes && (all || !ids.isEmpty())) {
            throw new UsageException("Ids and --all can be used only with retry and discard.");
        }
        if (limit < 0) {
            throw new UsageException("--limit must be at least 0: " + limit);
        }
        try (QueueAccess access = open()) {
            WorkQueue queue = access.queue();
            return switch (asked) {
                case SIZES -> sizes(queue);
                case DEAD -> dead(queue);
                case RETRY -> changed("retried", all ? DeadLetters.retryAll(queue) : queue.retryDead(ids));
                case DISCARD -> changed("discarded", all ? DeadLetters.discardAll(queue) : queue.discardDead(ids));
            };
        }
    }

    /**
     * Opens the queue without warnings about the configuration of its server. Workers and {@code seed} print these
     * warnings, so that these short commands need not repeat them.
     */
    private QueueAccess open() {
        Level level = REDIS_LOG.getLevel();
        REDIS_LOG.setLevel(Level.SEVERE);
        try {
            return new QueueAccess(environment, () -> cacheOptions.openExisting(environment));
        } finally {
            REDIS_LOG.setLevel(level);
        }
    }

    private int sizes(WorkQueue queue) {
        QueueSizes sizes = queue.sizes();
        if (output.json()) {
            out().println(object().put("queue", queue.options().name())
                    .put("driver", queue.name())
                    .put("waiting", sizes.waiting())
                    .put("delayed", sizes.delayed())
                    .put("running", sizes.running())
                    .put("dead", sizes.dead())
                    .toPrettyString());
        } else {
            out().printf(
                            Locale.ROOT,
                            "%s (%s): %s waiting, %s delayed, %s running, %s dead%n",
                            queue.options().name(),
                            queue.name(),
                            Amount.number(sizes.waiting()),
                            Amount.number(sizes.delayed()),
                            Amount.number(sizes.running()),
                            Amount.number(sizes.dead()));
        }
        return ExitCode.COMPLETE;
    }

    /** Prints dead letters, one per line. JSON output has one object per line, because there may be many. */
    private int dead(WorkQueue queue) {
        long shown = 0;
        try (Stream<DeadLetter> letters = queue.deadLetters()) {
            for (Iterator<DeadLetter> each = letters.iterator(); each.hasNext() && (limit == 0 || shown < limit); ) {
                print(each.next());
                shown++;
            }
        }
        long total = queue.sizes().dead();
        if (!output.json()) {
            out().println(
                            total > shown
                                    ? Amount.number(shown) + " of " + Amount.number(total) + " dead letters."
                                    : Amount.number(shown) + " dead letters.");
        }
        return ExitCode.COMPLETE;
    }

    private void print(DeadLetter letter) {
        if (output.json()) {
            out().println(letter.item()
                    .toJson()
                    .as(ObjectNode.class)
                    .put("reason", letter.reason())
                    .put("at", letter.at().toString()));
        } else {
            out().printf(
                            Locale.ROOT,
                            "%s  %s  %s  attempts: %d  %s%n",
                            letter.at(),
                            letter.item().type(),
                            letter.item().id(),
                            letter.item().attempts(),
                            letter.reason());
        }
    }

    private int changed(String what, int count) {
        if (output.json()) {
            out().println(object().put(what, count).toPrettyString());
        } else {
            out().println(Amount.number(count) + " dead letters " + what + ".");
        }
        return all || count == ids.stream().distinct().count() ? ExitCode.COMPLETE : ExitCode.PARTIAL;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private PrintWriter out() {
        return output.out();
    }
}
