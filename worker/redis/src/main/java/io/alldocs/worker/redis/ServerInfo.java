package io.alldocs.worker.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The state of a server, and whether it is suitable for a queue. Uses {@code INFO} only, because managed servers often
 * reject {@code CONFIG}.
 */
final class ServerInfo {
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+).*");

    private final Map<String, String> fields = new HashMap<>();

    /** @param info the response to {@code INFO} */
    ServerInfo(String info) {
        info.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        });
    }

    boolean isCluster() {
        return field("redis_mode").filter("cluster"::equals).isPresent()
                || field("cluster_enabled").filter("1"::equals).isPresent();
    }

    /** Returns why the server is not suitable for a queue; empty if it is. */
    Optional<String> unusable(boolean evictionAllowed) {
        Optional<String> version = field("redis_version");
        if (version.isPresent() && isOld(version.get())) {
            return Optional.of("it is version " + version.get() + ", but version 6.2 or later is required");
        }
        if (mayEvictAnything() && hasMemoryLimit() && !evictionAllowed) {
            return Optional.of(
                    "its maxmemory-policy is " + field("maxmemory_policy").orElseThrow()
                            + ": when memory is short, it would evict work items. Set the policy to noeviction, or"
                            + " accept the loss with REDIS_ALLOW_EVICTION=true");
        }
        return Optional.empty();
    }

    private static boolean isOld(String version) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            return false;
        }
        int major = Integer.parseInt(matcher.group(1));
        return major < 6 || (major == 6 && Integer.parseInt(matcher.group(2)) < 2);
    }

    /** Returns warnings for the operator. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (isReplica()) {
            warnings.add("it is a replica of " + field("master_host").orElse("another server") + ":"
                    + field("master_port").orElse("?")
                    + " and refuses writes: work stops until it is promoted; or restart with a REDIS_URL that names"
                    + " the primary");
        }
        if (mayEvictAnything()) {
            warnings.add("its maxmemory-policy is " + field("maxmemory_policy").orElseThrow()
                    + ": when it reaches a memory limit, it evicts work items; set the policy to noeviction");
        }
        if (field("aof_enabled").filter("0"::equals).isPresent()) {
            warnings.add("it keeps no append-only file: when it stops, all changes since its last snapshot are lost;"
                    + " set appendonly to yes");
        }
        for (String name : List.of("redis_version", "maxmemory_policy", "aof_enabled")) {
            if (field(name).isEmpty()) {
                warnings.add("it does not report its " + name + ", so it could not be checked");
            }
        }
        return warnings;
    }

    /** Returns whether the server is a replica. The client of a cluster finds the primary itself. */
    private boolean isReplica() {
        return !isCluster() && field("role").filter("slave"::equals).isPresent();
    }

    /**
     * Returns whether keys without a time to live may be evicted. Policies that begin with "volatile" evict only keys
     * with one, and a queue's keys have none.
     */
    private boolean mayEvictAnything() {
        return field("maxmemory_policy")
                .filter(policy -> policy.startsWith("allkeys"))
                .isPresent();
    }

    private boolean hasMemoryLimit() {
        return !field("maxmemory").orElse("1").equals("0");
    }

    private Optional<String> field(String name) {
        return Optional.ofNullable(fields.get(name)).filter(value -> !value.isEmpty());
    }
}
