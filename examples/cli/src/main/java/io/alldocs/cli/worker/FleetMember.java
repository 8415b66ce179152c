package io.alldocs.cli.worker;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A worker of a fleet. The worker is a process, which is replaced when it ends unexpectedly. Safe for concurrent use.
 */
public final class FleetMember {
    /**
     * Maximum number of consecutive processes that may end without completed work. The restart after the n-th such
     * process is delayed by n seconds.
     */
    private static final int MOST_FRUITLESS = 5;

    /** Shells and the JDK add this number to the number of the signal that ended a process. */
    private static final int SIGNAL = 128;

    private static final Map<Integer, String> SIGNALS =
            Map.of(1, "SIGHUP", 2, "SIGINT", 3, "SIGQUIT", 6, "SIGABRT", 9, "SIGKILL", 11, "SIGSEGV", 15, "SIGTERM");

    private final int number;
    private final Map<String, String> environment;
    private final List<String> jvm;
    private final String type;
    private final Path folder;
    private final Consumer<String> say;

    private @Nullable WorkerProcess process;
    private int starts;
    private int fruitless;
    private long restartAt;
    private Done before = new Done(0, 0);
    private Done now = new Done(0, 0);

    /** Names of unfinished batches that the current process has fetched. */
    private long running;

    private record Done(long items, long units) {
        Done plus(Done other) {
            return new Done(items + other.items, units + other.units);
        }
    }

    FleetMember(
            int number,
            Map<String, String> environment,
            List<String> jvm,
            boolean packuments,
            Path folder,
            Consumer<String> say) {
        this.number = number;
        this.environment = environment;
        this.jvm = jvm;
        this.type = packuments ? "sync-fetch" : "sync-list";
        this.folder = folder;
        this.say = say;
    }

    /**
     * Starts the process if none is running, and reads its progress.
     *
     * @return the progress that the process reports; empty while it does not respond
     * @throws FleetException if it cannot work, or ended too many times in a row without completing an item
     */
    synchronized Optional<JsonNode> keepAlive() throws IOException, InterruptedException {
        WorkerProcess running = process;
        OptionalInt end = running == null ? OptionalInt.empty() : running.exitCode();
        if (running != null && end.isPresent()) {
            ended(running, end.getAsInt());
            running = null;
        }
        if (running == null) {
            start();
            return Optional.empty();
        }
        Optional<JsonNode> told = running.progress();
        told.ifPresent(this::remember);
        return told;
    }

    private void ended(WorkerProcess ended, int code) throws IOException {
        boolean outOfMemory = ended.ranOutOfMemory();
        fruitless = now.items() > 0 ? 0 : fruitless + 1;
        boolean cannotWork = !outOfMemory && (code == ExitCode.USAGE || code == ExitCode.REFUSED);
        if (cannotWork || fruitless > MOST_FRUITLESS) {
            throw new FleetException(
                    "Worker " + number + " " + words(code, outOfMemory) + ": " + ended.errors(),
                    code > ExitCode.REFUSED || code < 0 ? ExitCode.PARTIAL : code);
        }
        say.accept("Worker " + number + " " + words(code, outOfMemory) + ". It is restarted"
                + (fruitless == 0 ? "." : " in " + fruitless + " s.")
                + " Its unfinished items run again when their leases expire.");
        restartAt = System.nanoTime() + Duration.ofSeconds(fruitless).toNanos();
        before = before.plus(now);
        now = new Done(0, 0);
        running = 0;
        process = null;
    }

    /** Returns how a process ended, in words. After a signal, the exit code is 128 plus the signal's number. */
    static String words(int code, boolean outOfMemory) {
        if (outOfMemory) {
            return "ran out of memory";
        }
        if (code > SIGNAL && code < SIGNAL + 65) {
            String name = SIGNALS.get(code - SIGNAL);
            return "was killed by signal " + (code - SIGNAL) + (name == null ? "" : " (" + name + ")");
        }
        return "ended with exit code " + code;
    }

    private void start() throws IOException {
        if (starts > 0 && System.nanoTime() - restartAt < 0) {
            return;
        }
        starts++;
        WorkerProcess started = WorkerProcess.start(environment, jvm, folder, "worker-" + number);
        process = started;
        if (starts > 1) {
            say.accept("Worker " + number + " was restarted as process " + started.pid() + ".");
        }
    }

    private void remember(JsonNode progress) {
        long items = 0;
        for (JsonNode counts : progress.path("types")) {
            items += counts.path("done").asLong();
        }
        now = new Done(items, progress.path("types").path(type).path("units").asLong());
        running = 0;
        for (JsonNode set : progress.path("sets")) {
            running += set.at("/packuments/running").asLong();
        }
    }

    /** Kills the process as {@code kill -9} does. Returns whether it had completed an item. */
    public synchronized boolean kill() {
        if (process != null) {
            process.kill();
        }
        return now.items() > 0;
    }

    /** Returns the process id; empty if no process is running. */
    public synchronized OptionalLong pid() {
        return process != null && process.exitCode().isEmpty() ? OptionalLong.of(process.pid()) : OptionalLong.empty();
    }

    /** Returns whether the current process has reported a completed item. */
    public synchronized boolean hasWorked() {
        return process != null && process.exitCode().isEmpty() && now.items() > 0;
    }

    synchronized void terminate() {
        if (process != null) {
            process.terminate();
        }
    }

    synchronized void awaitEnd(Duration patience) throws InterruptedException {
        if (process != null) {
            process.awaitEnd(patience);
        }
    }

    int number() {
        return number;
    }

    /** Returns the names that the worker has done, including those of unfinished batches. */
    synchronized long units() {
        return before.plus(now).units() + running;
    }

    synchronized FleetReport.Share share() {
        Done all = before.plus(now);
        return new FleetReport.Share(number, starts, all.items(), type.equals("sync-fetch") ? all.units() : 0);
    }
}
