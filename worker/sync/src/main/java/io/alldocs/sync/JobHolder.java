package io.alldocs.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The process that holds a job.
 *
 * @param who a description of the executor
 * @param machine host and, on Linux, the namespace of its process ids, because two containers of one host do not see
 *     each other's processes
 * @param pid its process id
 * @param started when the process started; the epoch if unknown
 * @param since when it claimed the job
 * @param token distinguishes the claims of one process
 */
record JobHolder(String who, String machine, long pid, Instant started, Instant since, String token) {
    private static final int MAX_ENDED = 1_000;

    /** Tokens of this process's last claims whose end could not be recorded because the store was unavailable. */
    private static final Set<String> ENDED =
            Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                    return size() > MAX_ENDED;
                }
            }));

    /**
     * Tolerance for start times, because they are derived from the boot time, which varies by fractions of a second
     * between reads.
     */
    private static final Duration TOLERANCE = Duration.ofSeconds(5);

    static JobHolder ofThisProcess(String who, Instant since) {
        ProcessHandle process = ProcessHandle.current();
        return new JobHolder(
                who,
                thisMachine(),
                process.pid(),
                start(process),
                since,
                UUID.randomUUID().toString());
    }

    /** Returns a holder for an executor of many processes; it is alive as long as any of them renews the heartbeat. */
    static JobHolder ofManyProcesses(String who, Instant since) {
        return new JobHolder(who, "", 0, Instant.EPOCH, since, UUID.randomUUID().toString());
    }

    static JobHolder of(JsonNode json) {
        return new JobHolder(
                json.path("who").asText(),
                json.path("machine").asText(),
                json.path("pid").asLong(),
                Instant.parse(json.path("started").asText("1970-01-01T00:00:00Z")),
                Instant.parse(json.path("since").asText("1970-01-01T00:00:00Z")),
                json.path("token").asText());
    }

    ObjectNode toJson(long epoch) {
        return RecordStore.object()
                .put("n", epoch)
                .put("who", who)
                .put("machine", machine)
                .put("pid", pid)
                .put("started", started.toString())
                .put("since", since.toString())
                .put("token", token);
    }

    /** Records in this process that the claim has ended, although the store could not record it. */
    void endedUnrecorded() {
        ENDED.add(token);
    }

    /**
     * Returns whether the holder was a claim of this process that has ended, or a process of this machine that has
     * ended. Returns false if that is unknown.
     */
    boolean hasEnded() {
        if (ENDED.contains(token)) {
            return true;
        }
        if (!machine.equals(thisMachine())) {
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        return process.isEmpty() || isAnother(start(process.get()));
    }

    private boolean isAnother(Instant start) {
        return !start.equals(Instant.EPOCH)
                && !started.equals(Instant.EPOCH)
                && Duration.between(started, start).abs().compareTo(TOLERANCE) > 0;
    }

    private static Instant start(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH);
    }

    private static String thisMachine() {
        return host() + ' ' + processIds();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown host";
        }
    }

    private static String processIds() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    @Override
    public String toString() {
        return machine.isEmpty()
                ? who + ", since " + since
                : who + ", process " + pid + " on " + machine.split(" ", 2)[0] + ", since " + since;
    }
}
