package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.partition.Change;
import io.alldocs.partition.ChangesPage;
import io.alldocs.partition.PartitionSet;
import io.alldocs.partition.Sequence;
import io.alldocs.sync.ChangeWindow.Chunk;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The step "replay" for executors that share a window of the feed. One process opens the window, any process fetches
 * its chunks, and one process closes it after each chunk has a record. The sequence is recorded at the end, so a window
 * that was not closed is opened again.
 */
final class WindowedReplay {
    private final SyncContext context;
    private final JobRecords records;
    private final PartitionSet plan;
    private final Predicate<String> isListed;
    private final Replay replay;

    WindowedReplay(SyncContext context, PartitionSet plan, Predicate<String> isListed) {
        this.context = context;
        this.records = context.records();
        this.plan = plan;
        this.isListed = isListed;
        this.replay = new Replay(context, plan, isListed);
    }

    /** Ends a replay after its first page. */
    private static final class EndOfWindow extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient ChangesPage page;

        EndOfWindow(ChangesPage page) {
            super("The window ends.", null, false, false);
            this.page = page;
        }
    }

    /** Returns the window after the recorded sequence; empty at the end of the feed, which is recorded. */
    Optional<ChangeWindow> open() {
        Sequence since = replay.position();
        Optional<ChangeWindow> stored = records.recorded(key())
                .map(ChangeWindow::of)
                .filter(window -> window.since().equals(since));
        if (stored.isPresent()) {
            return stored;
        }
        try {
            context.changes().replay(since, page -> {
                throw new EndOfWindow(page);
            });
        } catch (EndOfWindow e) {
            ChangeWindow window = of(e.page);
            records.write(key(), window.toJson());
            return Optional.of(window);
        }
        records.progress().followedToTheEnd(context.cache().clock().instant());
        return Optional.empty();
    }

    private ChangeWindow of(ChangesPage page) {
        Map<String, PendingRetry> names = new LinkedHashMap<>();
        Set<Integer> touched = new TreeSet<>();
        for (Change change : page.changes()) {
            if (plan.range().contains(change.id()) && isListed.test(change.id())) {
                touched.add(plan.indexOf(change.id()));
                if (context.job().form() != SyncForm.NAMES) {
                    names.put(change.id(), records.progress().retryFor(change));
                }
            }
        }
        context.tally().changes.addAndGet(page.changes().size());
        context.listener().progressed(page.changes().size());
        return ChangeWindow.of(replay.position(), page.lastSeq(), page.changes().size(), touched, names);
    }

    /** Returns the chunks without a record. */
    List<Chunk> openChunks(ChangeWindow window) {
        return window.chunks().stream()
                .filter(chunk -> recorded(chunk).isEmpty())
                .toList();
    }

    /**
     * Requests the names of a chunk; names that fail or lag behind are recorded as pending. Does nothing if the chunk
     * has a record.
     */
    void fetch(Chunk chunk) {
        if (recorded(chunk).isPresent()) {
            return;
        }
        Map<String, PendingRetry> wanted = chunk.retries();
        Map<String, PendingRetry> open = new LinkedHashMap<>(wanted);
        open.entrySet().removeIf(each -> replay.isSettled(change(each.getKey(), each.getValue())));
        new Retries(context).request(open);
        ObjectNode pending = RecordStore.object();
        records.progress().retries().forEach((name, retry) -> {
            if (wanted.containsKey(name)) {
                pending.set(name, retry.toJson());
            }
        });
        ObjectNode record = RecordStore.object().put("window", chunk.window());
        record.set("pending", pending);
        records.write(key(chunk), record);
    }

    private Change change(String name, PendingRetry retry) {
        return new Change(replay.position(), name, retry.rev(), retry.deleted());
    }

    /**
     * Records the pending names, the stale partitions and the sequence. The names of a chunk without a record are
     * pending.
     */
    void close(ChangeWindow window) {
        for (Chunk chunk : window.chunks()) {
            Optional<JsonNode> record = recorded(chunk);
            chunk.retries().forEach((name, retry) -> {
                JsonNode pending =
                        record.map(json -> json.path("pending").path(name)).orElseGet(retry::toJson);
                if (pending.isMissingNode()) {
                    records.progress().settle(name);
                } else {
                    records.progress().retry(name, PendingRetry.of(pending));
                }
            });
        }
        records.progress().advance(window.to(), window.touched());
    }

    private Optional<JsonNode> recorded(Chunk chunk) {
        return records.recorded(key(chunk))
                .filter(json -> json.path("window").asText().equals(chunk.window()));
    }

    private String key() {
        return "v1:sync:" + context.job().id() + ":window";
    }

    private String key(Chunk chunk) {
        return key() + ':' + chunk.index();
    }
}
