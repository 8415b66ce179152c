package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A set of worker processes that share the work on a set of partitions, and a process that seeds their queue. The fleet
 * starts the processes, restarts those that crash, and ends when the set is done. The fleet stores no state itself.
 * Completed work is recorded in the cache, and pending work in the queue. The next run resumes from these records.
 */
public final class Fleet {
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);

    /**
     * Maximum time for all workers to stop. It is longer than their default grace period and the shutdown after it. It
     * is shorter than the 20 s after which a signal halts this process.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Map<String, String> environment;
    private final List<String> jvm;
    private final PlanOptions plan;
    private final Path folder;
    private final Consumer<String> say;
    private final List<FleetMember> members = new CopyOnWriteArrayList<>();

    /** The last view in which a worker reported the set. */
    private FleetView latest = FleetView.of(List.of(), "", List.of());

    /**
     * Creates a fleet without starting it.
     *
     * @param workers number of worker processes
     * @param environment variables of each process: cache, queue, origin
     * @param jvm options of each JVM
     * @param plan the set that the workers process
     * @param folder folder for the output of the processes
     * @param say receives a line about the whole fleet every few seconds
     */
    public Fleet(
            int workers,
            Map<String, String> environment,
            List<String> jvm,
            PlanOptions plan,
            Path folder,
            Consumer<String> say) {
        this.environment = Map.copyOf(environment);
        this.jvm = List.copyOf(jvm);
        this.plan = plan;
        this.folder = folder;
        this.say = say;
        for (int number = 1; number <= workers; number++) {
            members.add(new FleetMember(number, this.environment, this.jvm, plan.fetchesPackuments(), folder, say));
        }
    }

    /** Returns the workers. */
    public List<FleetMember> members() {
        return members;
    }

    /**
     * Processes the set until it is done or the calling thread is interrupted.
     *
     * @return what was done; after an interrupt, the interrupt flag is cleared
     * @throws FleetException if a worker cannot work, or the queue cannot be seeded
     */
    public FleetReport run() throws IOException {
        Files.createDirectories(folder);
        long start = System.nanoTime();
        boolean interrupted = false;
        FleetView last = look(List.of());
        try {
            seed();
            last = watch();
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            stop();
        }
        return report(last, Duration.ofNanos(System.nanoTime() - start), interrupted);
    }

    private void seed() throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("seed", "--quiet"));
        words.addAll(plan.arguments());
        try (WorkerProcess seeding = WorkerProcess.start(environment, jvm, folder, "seed", words)) {
            int code = seeding.awaitExit();
            if (code != ExitCode.COMPLETE) {
                throw new FleetException(
                        "The queue cannot be seeded: " + seeding.errors().replaceFirst("^Error: ", ""), code);
            }
        }
    }

    private FleetView watch() throws IOException, InterruptedException {
        FleetView told = look(List.of());
        long begunAt = System.nanoTime();
        long toldAt = begunAt;
        boolean areNamed = false;
        while (true) {
            List<JsonNode> reports = new ArrayList<>();
            for (FleetMember member : members) {
                member.keepAlive().ifPresent(reports::add);
            }
            if (!areNamed) {
                nameProcesses();
                areNamed = true;
            }
            FleetView now = look(reports);
            long nanos = System.nanoTime() - toldAt;
            if (nanos >= (now.ended() ? LOOK_EVERY : LINE_EVERY).toNanos()) {
                say.accept(now.line(told, nanos / 1e9, Duration.ofNanos(System.nanoTime() - begunAt)));
                told = now;
                toldAt += nanos;
            }
            if (now.ended()) {
                return now;
            }
            if (!now.set().isMissingNode()) {
                latest = now;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
        }
    }

    /** Prints the process ids, so that an operator can watch a worker, or end a worker and see the fleet restart it. */
    private void nameProcesses() {
        String processes = members.stream()
                .filter(member -> member.pid().isPresent())
                .map(member -> "worker " + member.number() + " is process "
                        + member.pid().getAsLong())
                .collect(Collectors.joining(", "));
        if (!processes.isEmpty()) {
            say.accept("W" + processes.substring(1)
                    + ". A worker that crashes is restarted; try it with kill -9 and one of these process ids.");
        }
    }

    private FleetView look(List<JsonNode> reports) {
        return FleetView.of(
                reports, plan.set(), members.stream().map(FleetMember::units).toList());
    }

    private void stop() {
        members.forEach(FleetMember::terminate);
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (FleetMember member : members) {
                member.awaitEnd(Duration.ofNanos(end - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            members.forEach(FleetMember::kill);
            Thread.currentThread().interrupt();
        }
    }

    private FleetReport report(FleetView last, Duration took, boolean interrupted) {
        FleetView told = last.set().isMissingNode() ? latest : last;
        return new FleetReport(
                plan.set(),
                told.set(),
                last.dead(),
                members.stream().map(FleetMember::share).toList(),
                took,
                interrupted);
    }
}
