package io.alldocs.packument;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.EntryHead;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The two forms a registry serves a packument in. They are kept under different keys and never answer for each other by accident: the
 * abbreviated one has no {@code time}, {@code _id}, {@code _rev}, {@code readme} or {@code maintainers}
 * (<a href="https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md">npm's description</a>).
 */
public enum PackumentForm {
    /** Everything the registry has; what {@code v1:packument:…} holds. */
    FULL("application/json"),
    /** What an installer needs; {@code v1:abbreviated:…}. The Accept header is the one npm's own clients send. */
    ABBREVIATED("application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8");

    private static final String ABBREVIATED_TYPE = "application/vnd.npm.install-v1+json";

    private final String accept;

    PackumentForm(String accept) {
        this.accept = accept;
    }

    /** Value of the Accept header that asks for this form. */
    String accept() {
        return accept;
    }

    /** As an {@link io.alldocs.cache.EntryHead} records it: lower case. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of the keys that this form is stored under. */
    CacheKey.Kind kind() {
        return this == FULL ? CacheKey.Kind.PACKUMENT : CacheKey.Kind.ABBREVIATED;
    }

    CacheKey key(URI registry, String name) {
        return this == FULL ? CacheKey.packument(registry, name) : CacheKey.abbreviated(registry, name);
    }

    PackumentForm other() {
        return this == FULL ? ABBREVIATED : FULL;
    }

    /** The form of a stored document, as its head says or, for entries that other programs wrote, its Content-Type; empty when neither does. */
    static Optional<PackumentForm> of(EntryHead head) {
        for (PackumentForm form : values()) {
            if (form.label().equals(head.form())) {
                return Optional.of(form);
            }
        }
        return Optional.ofNullable(head.headers().get("content-type")).map(PackumentForm::ofContentType);
    }

    /** The form that an answer's Content-Type names: abbreviated only when it says so, since mirrors that do not know it send plain JSON. */
    static PackumentForm ofContentType(@Nullable String contentType) {
        return contentType != null
                        && contentType.trim().toLowerCase(Locale.ROOT).startsWith(ABBREVIATED_TYPE)
                ? ABBREVIATED
                : FULL;
    }
}
