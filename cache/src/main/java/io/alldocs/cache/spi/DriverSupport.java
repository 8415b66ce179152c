package io.alldocs.cache.spi;

import io.alldocs.OperationInterruptedException;
import io.alldocs.cache.body.Body;
import io.alldocs.cache.entry.EntryMetadata;
import io.alldocs.cache.entry.IntegrityException;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Implements what most drivers have in common. It refuses keys and entries outside the store's limits and calls after
 * the driver was closed, reads entries, and creates exceptions. A driver creates one and delegates to it. Safe for
 * concurrent use.
 */
public final class DriverSupport {
    private final String driver;
    private final String location;
    private final StorageCapabilities capabilities;
    private final UnaryOperator<String> names;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Creates the support for one driver.
     *
     * @param driver name of the driver, as in {@link StorageDriver#name()}
     * @param location describes the store in messages, for example by its address; must not contain a secret
     * @param names returns the store's name of a key, and throws IllegalArgumentException for a key without a name.
     *     Pass {@link KeyNames#of}, or the identity if the store accepts every key
     */
    public DriverSupport(
            String driver, String location, StorageCapabilities capabilities, UnaryOperator<String> names) {
        this.driver = driver;
        this.location = location;
        this.capabilities = capabilities;
        this.names = names;
    }

    /** Returns the capabilities of the driver. */
    public StorageCapabilities capabilities() {
        return capabilities;
    }

    // ---- checks before anything is sent

    /**
     * Returns the store's name of {@code key}.
     *
     * @throws IllegalArgumentException if the key is outside the store's limits
     */
    public String nameOf(String key) {
        capabilities.requireKey(key);
        return names.apply(key);
    }

    /**
     * Returns the store's name of {@code key}, under which this entry is to be stored.
     *
     * @throws IllegalArgumentException if key, metadata and body are not {@linkplain StorageCapabilities#requireEntry
     *     an entry that the store can hold}
     */
    public String nameOf(String key, EntryMetadata head, Body body) {
        capabilities.requireEntry(key, head, body);
        return names.apply(key);
    }

    /**
     * Refuses a batch of keys if the driver is closed or one key is outside the store's limits.
     *
     * @throws IllegalArgumentException if one of the keys is outside the store's limits
     * @throws IllegalStateException if the driver is closed
     */
    public void requireAll(Collection<String> keys) {
        requireOpen();
        keys.forEach(this::nameOf);
    }

    /**
     * Refuses a batch of entries if the driver is closed or one entry is outside the store's limits.
     *
     * @throws IllegalArgumentException if the store cannot hold one of the entries
     * @throws IllegalStateException if the driver is closed
     */
    public void requireAll(Map<String, StoredEntry> entries) {
        requireOpen();
        entries.forEach((key, entry) -> nameOf(key, entry.head(), entry.body()));
    }

    /**
     * Refuses a call after {@link #close()}.
     *
     * @throws IllegalStateException if the driver is closed
     */
    public void requireOpen() {
        if (closed.get()) {
            throw new IllegalStateException("The driver of " + location + " is closed");
        }
    }

    /** Marks the driver as closed. Returns true for the first call, which then releases the driver's resources. */
    public boolean close() {
        return closed.compareAndSet(false, true);
    }

    // ---- entries

    /**
     * Returns the entry of a received value. Closes the value if this method throws.
     *
     * @param head metadata as the store keeps it apart from the value; if empty, the value is split as by
     *     {@link StoredForm#split(Body, Instant)}
     * @param storedAt when the value was written according to the store
     * @throws IntegrityException if the value is not a valid entry; names the key
     * @throws StorageException if the value cannot be read
     */
    public StoredEntry entry(String key, Optional<String> head, Body value, Instant storedAt) {
        try {
            return head.isPresent()
                    ? new StoredEntry(EntryMetadata.parse(head.get()), value)
                    : StoredForm.split(value, storedAt);
        } catch (IntegrityException e) {
            value.close();
            throw damaged(key, e);
        } catch (IOException e) {
            value.close();
            throw new StorageException("Cannot " + described("read", key) + ": " + e.getMessage(), true, e);
        }
    }

    /**
     * Parses the metadata of an entry.
     *
     * @throws IntegrityException if {@code json} is not valid metadata; names the key
     */
    public EntryMetadata head(String key, String json) {
        try {
            return EntryMetadata.parse(json);
        } catch (IntegrityException e) {
            throw damaged(key, e);
        }
    }

    /** Returns the exception for stored bytes that are not a valid entry; names the key and the store. */
    public IntegrityException damaged(String key, IntegrityException cause) {
        return new IntegrityException(
                "The value of " + KeyNames.shown(key) + " in " + location + " is not an entry: " + cause.getMessage(),
                cause);
    }

    // ---- failures

    /**
     * Describes an operation in a message that begins with "Cannot".
     *
     * @param verb followed by the key, for example "read"
     */
    public String described(String verb, String key) {
        return verb + " " + KeyNames.shown(key) + " in " + location;
    }

    /**
     * Returns the exception for a failed operation; names the operation, the key, the store and the driver.
     *
     * @param verb followed by the key, for example "read"
     * @param why what failed, and what to do; must not contain a secret
     */
    public StorageException failure(String verb, String key, String why, boolean retryable, @Nullable Throwable cause) {
        return failure(described(verb, key), why, retryable, cause);
    }

    /**
     * Returns the exception for a failed operation; names the operation and the driver.
     *
     * @param operation follows "Cannot"; must not contain a secret
     * @param why what failed, and what to do; must not contain a secret
     */
    public StorageException failure(String operation, String why, boolean retryable, @Nullable Throwable cause) {
        return new StorageException("Cannot " + operation + " (driver " + driver + "): " + why, retryable, cause);
    }

    /**
     * Returns a retryable exception for a response that has a success status but does not come from the store, such as
     * a proxy's page. Such a response contains no information about the store.
     *
     * @param what was received, for example "HTTP 200 and text/html, without an ETag"; must not contain a secret
     */
    public StorageException foreignResponse(String verb, String key, String what, @Nullable Throwable cause) {
        return failure(
                verb,
                key,
                "the response is not the store's (check the endpoint, and whether a proxy answers in its place); "
                        + what,
                true,
                cause);
    }

    /** Returns the exception, not retryable, for a body that cannot be read while it is stored. */
    public StorageException unreadableBody(String verb, String key, IOException cause) {
        return failure(verb, key, "the body to be stored cannot be read; " + cause.getMessage(), false, cause);
    }

    /**
     * Returns the exception for an interrupted operation, which may or may not have been completed. Sets the thread's
     * interrupt flag.
     */
    public OperationInterruptedException interrupted(String verb, String key, @Nullable Throwable cause) {
        Thread.currentThread().interrupt();
        return new OperationInterruptedException(
                "Cannot " + described(verb, key)
                        + ": the thread was interrupted; the operation may or may not have been completed",
                cause);
    }

    /**
     * Returns whether a request that received this HTTP status may succeed later: 408, 429, or a server error other
     * than 501 and 505.
     */
    public static boolean isTransient(int status) {
        return status == 408 || status == 429 || (status >= 500 && status != 501 && status != 505);
    }

    /** Returns the location. */
    @Override
    public String toString() {
        return location;
    }
}
