package io.alldocs.examples.registry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The active faults. They can be set and cleared while requests are in progress; a request uses the faults that were
 * active when it arrived. Safe for concurrent use.
 *
 * <p>Their text form is a list of {@code switch=value} pairs, separated by commas:
 * {@code 429=0.05,429-retry-after=2,503=0.01,cut=0.01,page-cap=3000,zero-offset}.
 */
public final class Faults {
    private static final String KNOWN =
            "a status from 400 to 599, reset, stall, stall-body, cut, cut-chunked, cut-gzip, trickle,"
                    + " wrong-json, empty, html, other-json, drift, stale (each =RATE from 0 to 1, 1 if left out),"
                    + " latency=20ms, page-cap=ROWS,"
                    + " sequence-reset=REQUESTS, zero-offset, null-offset, no-304. Options:"
                    + " <switch>-retry-after=SECONDS or date:SECONDS,"
                    + " <switch>-for=10s, <switch>-bytes-per-second=N, <switch>-after=N, <switch>-times=N. For"
                    + " one endpoint only: info.<switch>, all-docs.<switch>, changes.<switch>, packument.<switch>";
    private static final List<String> OPTIONS =
            List.of("-retry-after", "-for", "-bytes-per-second", "-after", "-times");

    private final long seed;
    private final Map<String, Active> active = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> hits = new ConcurrentHashMap<>();

    Faults(long seed) {
        this.seed = seed;
    }

    private static final class Active {
        final Fault fault;
        final AtomicLong seen = new AtomicLong();
        final AtomicLong hit = new AtomicLong();

        Active(Fault fault) {
            this.fault = fault;
        }
    }

    /** Switches a fault on, replacing the one with the same {@link Fault#switchName()}. */
    public void set(Fault fault) {
        active.put(fault.switchName(), new Active(fault));
    }

    /** Switches faults on, each replacing the one with the same name. */
    public void set(Collection<Fault> faults) {
        faults.forEach(this::set);
    }

    /** Switches one fault off; does nothing if it is not active. */
    public void clear(String switchName) {
        active.remove(switchName);
    }

    /** Switches all faults off. The counts of {@link #hits} are kept. */
    public void clear() {
        active.clear();
    }

    /** Returns the active faults. */
    public List<Fault> active() {
        return active.values().stream().map(on -> on.fault).toList();
    }

    /** Returns how many requests a fault has affected since the registry started. */
    public long hits(String switchName) {
        AtomicLong count = hits.get(switchName);
        return count == null ? 0 : count.get();
    }

    /**
     * Decides whether a fault of this kind affects a request. Each call counts as one request that the fault has seen.
     */
    Optional<Fault> strike(Fault.Kind kind, Endpoint endpoint) {
        if (active.isEmpty()) {
            return Optional.empty();
        }
        for (Active candidate : active.values()) {
            Fault fault = candidate.fault;
            if (fault.kind() == kind && fault.concerns(endpoint) && strikes(candidate)) {
                hits.computeIfAbsent(fault.switchName(), name -> new AtomicLong())
                        .incrementAndGet();
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }

    private boolean strikes(Active candidate) {
        Fault fault = candidate.fault;
        long index = candidate.seen.getAndIncrement();
        if (index < fault.skip()) {
            return false;
        }
        double chance = Hashing.unit(Hashing.mix(seed + fault.switchName().hashCode() + (index << 20)));
        return chance < fault.rate() && candidate.hit.getAndIncrement() < fault.times();
    }

    /**
     * Parses faults from their text form.
     *
     * @param text {@code switch=value} pairs separated by commas; blank for none
     * @return the faults in the order of the text
     * @throws IllegalArgumentException if a switch is unknown or a value is out of range; the message names the known
     *     switches
     */
    public static List<Fault> parse(String text) {
        Map<String, Fault> faults = new LinkedHashMap<>();
        List<String[]> options = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            if (part.isBlank()) {
                continue;
            }
            String[] pair = part.strip().split("=", 2);
            String value = pair.length == 1 ? "" : pair[1].strip();
            String key = pair[0].strip().toLowerCase(Locale.ROOT);
            Optional<String> option = OPTIONS.stream().filter(key::endsWith).findFirst();
            if (option.isPresent()) {
                options.add(new String[] {
                    key.substring(0, key.length() - option.get().length()), option.get(), value
                });
            } else {
                faults.put(key, scoped(key, value));
            }
        }
        for (String[] option : options) {
            Fault fault = faults.get(option[0]);
            if (fault == null) {
                throw new IllegalArgumentException("The option " + option[0] + option[1] + " needs the fault "
                        + option[0] + ", which is not in: " + text);
            }
            faults.put(option[0], withOption(fault, option[1], option[2]));
        }
        return List.copyOf(faults.values());
    }

    private static Fault scoped(String key, String value) {
        int dot = key.indexOf('.');
        if (dot < 0) {
            return single(key, value);
        }
        String scope = key.substring(0, dot);
        Endpoint endpoint = Arrays.stream(Endpoint.values())
                .filter(candidate -> candidate.switchName().equals(scope))
                .findFirst()
                .orElseThrow(() -> unknown(key));
        return single(key.substring(dot + 1), value).on(endpoint);
    }

    private static Fault single(String key, String value) {
        return switch (key) {
            case "reset" -> Fault.reset(rate(key, value));
            case "stall" -> Fault.stall(rate(key, value));
            case "stall-body" -> Fault.stallBody(rate(key, value));
            case "cut" -> Fault.cut(rate(key, value));
            case "cut-chunked" -> Fault.cutChunked(rate(key, value));
            case "cut-gzip" -> Fault.cutGzip(rate(key, value));
            case "trickle" -> Fault.trickle(rate(key, value));
            case "wrong-json" -> Fault.wrongJson(rate(key, value));
            case "empty" -> Fault.emptyBody(rate(key, value));
            case "html" -> Fault.html(rate(key, value));
            case "other-json" -> Fault.otherJson(rate(key, value));
            case "drift" -> Fault.drift(rate(key, value));
            case "latency" -> Fault.latency(duration(key, value));
            case "page-cap" -> Fault.pageCap(number(key, value));
            case "sequence-reset" -> Fault.sequenceResetAfter(value.isEmpty() ? 0 : number(key, value));
            case "zero-offset" -> bare(key, value, Fault.zeroOffset());
            case "null-offset" -> bare(key, value, Fault.nullOffset());
            case "stale" -> Fault.stale(rate(key, value));
            case "no-304" -> bare(key, value, Fault.no304());
            default -> {
                if (!key.matches("[45]\\d\\d")) {
                    throw unknown(key);
                }
                yield Fault.status(Integer.parseInt(key), rate(key, value));
            }
        };
    }

    private static Fault withOption(Fault fault, String option, String value) {
        String key = fault.switchName() + option;
        return switch (option) {
            case "-retry-after" ->
                value.startsWith("date:")
                        ? fault.retryAfterDate(Duration.ofSeconds(number(key, value.substring(5))))
                        : fault.retryAfter(Duration.ofSeconds(number(key, value)));
            case "-for" -> fault.lasting(duration(key, value));
            case "-bytes-per-second" -> fault.bytesPerSecond(number(key, value));
            case "-after" -> fault.after(number(key, value));
            default -> fault.times(number(key, value));
        };
    }

    private static Fault bare(String key, String value, Fault fault) {
        if (!value.isEmpty()) {
            throw new IllegalArgumentException("The fault " + key + " takes no value, but was given " + value);
        }
        return fault;
    }

    private static double rate(String key, String value) {
        if (value.isEmpty()) {
            return 1;
        }
        try {
            double rate = Double.parseDouble(value);
            if (rate >= 0 && rate <= 1) {
                return rate;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(badRate(key, value), e);
        }
        throw new IllegalArgumentException(badRate(key, value));
    }

    private static String badRate(String key, String value) {
        return "The fault " + key + " takes a rate from 0 to 1, but was given " + value;
    }

    private static int number(String key, String value) {
        try {
            return Integer.parseUnsignedInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "The fault " + key + " takes a whole number, but was given \"" + value + "\"", e);
        }
    }

    private static Duration duration(String key, String value) {
        if (value.endsWith("ms")) {
            return Duration.ofMillis(number(key, value.substring(0, value.length() - 2)));
        }
        if (value.endsWith("s")) {
            return Duration.ofSeconds(number(key, value.substring(0, value.length() - 1)));
        }
        throw new IllegalArgumentException(
                "The fault " + key + " takes a duration such as 20ms or 10s, but was given \"" + value + "\"");
    }

    private static IllegalArgumentException unknown(String key) {
        return new IllegalArgumentException("Unknown fault \"" + key + "\". The known faults are: " + KNOWN + ".");
    }
}
