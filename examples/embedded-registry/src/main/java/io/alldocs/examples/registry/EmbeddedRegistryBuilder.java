package io.alldocs.examples.registry;

import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of an {@link EmbeddedRegistry}. Not safe for concurrent use. */
public final class EmbeddedRegistryBuilder {
    int count = 1_000;

    @Nullable
    Collection<String> explicitNames;

    long seed = 1;
    int port;
    int threads = 2;
    int deletedNames = -1;
    boolean opaqueSequences;

    @Nullable
    Boolean mixedStates;

    @Nullable
    String token;

    List<Fault> faults = List.of();
    final Map<String, NameState> states = new HashMap<>();
    final Map<String, Integer> giants = new HashMap<>();

    EmbeddedRegistryBuilder() {}

    /**
     * Serves names that are generated from a list of real names. 38 % are scoped, and a few have legacy spellings.
     * Unless {@link #mixedStates} is false, some names are not found, unpublished or security holders, as on npm.
     * Default: 1,000.
     *
     * @param names 0 to 5,000,000
     */
    public EmbeddedRegistryBuilder names(int names) {
        if (names < 0 || names > 5_000_000) {
            throw new IllegalArgumentException(
                    "The number of names must be between 0 and 5,000,000, but is " + names + ".");
        }
        count = names;
        explicitNames = null;
        return this;
    }

    /**
     * Serves exactly these names instead of generated names. Their state is {@link NameState#PRESENT}. Any text is
     * valid except the empty text and the paths of the API.
     */
    public EmbeddedRegistryBuilder names(Collection<String> names) {
        names.forEach(EmbeddedRegistry::requireServable);
        explicitNames = List.copyOf(names);
        return this;
    }

    /** Serves exactly these names. See {@link #names(Collection)}. */
    public EmbeddedRegistryBuilder names(String... names) {
        return names(List.of(names));
    }

    /** Sets the seed, which determines everything that the registry generates. Default: 1. */
    public EmbeddedRegistryBuilder seed(long value) {
        seed = value;
        return this;
    }

    /** Sets the port of 127.0.0.1 to listen on; 0 selects a free port. Default: 0. */
    public EmbeddedRegistryBuilder port(int value) {
        port = value;
        return this;
    }

    /** Sets the number of threads that handle requests. Default: 2. */
    public EmbeddedRegistryBuilder threads(int value) {
        threads = value;
        return this;
    }

    /**
     * Sets how many names the feed reports as deleted before the start. Default: a third of the generated names,
     * none for explicit ones.
     */
    public EmbeddedRegistryBuilder deletedNames(int value) {
        deletedNames = value;
        return this;
    }

    /**
     * Sets whether some names are not found, unpublished or security holders, as on npm. Default: true for
     * generated names.
     */
    public EmbeddedRegistryBuilder mixedStates(boolean value) {
        mixedStates = value;
        return this;
    }

    /** Sets the state of one name, which determines the response for its packument. */
    public EmbeddedRegistryBuilder state(String name, NameState state) {
        states.put(name, state);
        return this;
    }

    /**
     * Sets the size of the full packument of one name. The abbreviated packument has the same number of versions.
     * The name is added if it does not exist.
     *
     * @param bytes 8,192 to 1,000,000,000 bytes of uncompressed JSON
     */
    public EmbeddedRegistryBuilder giant(String name, int bytes) {
        if (bytes < 8_192 || bytes > 1_000_000_000) {
            throw new IllegalArgumentException("The size of a giant packument must be between 8,192 and"
                    + " 1,000,000,000 bytes, but is " + bytes + ".");
        }
        giants.put(EmbeddedRegistry.requireServable(name), bytes);
        return this;
    }

    /** Writes sequences as CouchDB's opaque strings instead of npm's integers. */
    public EmbeddedRegistryBuilder opaqueSequences() {
        opaqueSequences = true;
        return this;
    }

    /**
     * Responds with 401 to every request without {@code Authorization: Bearer token}. Default: no token is
     * required.
     */
    public EmbeddedRegistryBuilder token(String value) {
        token = value;
        return this;
    }

    /** Sets the faults that are active from the start. Default: none. */
    public EmbeddedRegistryBuilder faults(List<Fault> value) {
        faults = List.copyOf(value);
        return this;
    }

    /**
     * Generates the names and starts listening.
     *
     * @throws UncheckedIOException if the port is in use
     */
    public EmbeddedRegistry start() {
        return new EmbeddedRegistry(this);
    }
}
