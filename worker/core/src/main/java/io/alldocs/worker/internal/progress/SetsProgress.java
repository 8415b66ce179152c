package io.alldocs.worker.internal.progress;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.Cache;
import io.alldocs.sync.JobProgress;
import io.alldocs.worker.internal.Json;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.WorkClients;
import io.alldocs.worker.internal.jobs.CoordinationRecords;
import io.alldocs.worker.internal.jobs.JobItems;
import io.alldocs.worker.internal.jobs.KnownSets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The progress of the known sets, in names, read from their jobs' records. The store is read again after one second at
 * the earliest, and after ten times as long as the last read took. Safe for concurrent use.
 */
public final class SetsProgress {
    private static final long LEAST_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int AGE_TO_COST = 10;

    private final ItemContext context;
    private final CoordinationRecords coordination;
    private final Map<String, JobProgress.Reader> readers = new HashMap<>();
    private List<View> latest = List.of();
    private final ReentrantLock lock = new ReentrantLock();
    private long dueAt = System.nanoTime();

    public SetsProgress(ItemContext context) {
        this.context = context;
        this.coordination = new CoordinationRecords(context.checkpoints());
    }

    /**
     * The progress of one set.
     *
     * @param packuments whether packuments are fetched
     * @param coordinator what its coordinator knew at its last pass; empty when a single process runs the job
     * @param progress empty before the job is planned
     */
    public record View(
            String set,
            String job,
            boolean packuments,
            Optional<CoordinationRecords.Latest> coordinator,
            Optional<JobProgress> progress) {

        /**
         * Returns {@code planning}, {@code fetch}, {@code replay} …, {@code complete}, {@code partial} or
         * {@code stopped}.
         */
        public String state() {
            boolean isFinished = progress.map(JobProgress::finished).isPresent();
            if (coordinator.isEmpty() || coordinator.get().ended()) {
                boolean gaveUp =
                        coordinator.filter(each -> !each.known().dead.isEmpty()).isPresent();
                return isFinished && !gaveUp ? "complete" : coordinator.isEmpty() ? "stopped" : "partial";
            }
            return progress.isEmpty()
                    ? "planning"
                    : coordinator
                            .get()
                            .known()
                            .phase
                            .name()
                            .toLowerCase(Locale.ROOT)
                            .replace('_', ' ');
        }

        /**
         * Returns the progress as JSON.
         *
         * @param running number of names of unfinished batches that this worker has fetched
         */
        public ObjectNode toJson(long running) {
            ObjectNode json =
                    progress.map(known -> known.toJson().as(ObjectNode.class)).orElseGet(Json.MAPPER::createObjectNode);
            json.put("set", set).put("job", job).put("state", state());
            if (!packuments) {
                json.remove("packuments");
            } else if (json.path("packuments") instanceof ObjectNode counts) {
                counts.put("running", running);
            }
            coordinator.map(CoordinationRecords.Latest::known).ifPresent(known -> {
                json.put("follow", known.follow);
                json.put("registry", WorkClients.shown(known.job.registry()));
                json.put("origin", known.job.origin().map(WorkClients::shown).orElse(null));
                json.put("problem", known.problem.isEmpty() ? null : known.problem);
                ObjectNode dead = json.putObject("dead");
                known.dead.forEach(dead::put);
            });
            return json;
        }
    }

    public List<View> look() {
        lock.lock();
        try {
            long start = System.nanoTime();
            if (start - dueAt >= 0) {
                latest = read();
                long cost = System.nanoTime() - start;
                dueAt = start + Math.max(LEAST_AGE_NANOS, AGE_TO_COST * cost);
            }
            return latest;
        } finally {
            lock.unlock();
        }
    }

    private List<View> read() {
        List<View> views = new ArrayList<>();
        Cache cache = context.checkpoints();
        if (!cache.capabilities().readAfterWrite()) {
            return views; // the store keeps no checkpoints
        }
        for (KnownSets.Known known : new KnownSets(cache).all()) {
            if (!known.job().isEmpty()) {
                views.add(view(cache, known));
            }
        }
        views.sort(Comparator.comparing(View::set));
        return views;
    }

    private View view(Cache cache, KnownSets.Known known) {
        Optional<CoordinationRecords.Latest> coordinator = coordination.latest(known.job());
        int batch = coordinator.map(each -> each.known().batch).orElse(JobItems.DEFAULT_BATCH);
        return new View(
                known.set(),
                known.job(),
                known.packuments(),
                coordinator,
                readers.computeIfAbsent(
                                known.job() + ' ' + batch, key -> new JobProgress.Reader(cache, known.job(), batch))
                        .read());
    }
}
