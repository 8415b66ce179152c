package io.alldocs.packument;

import io.alldocs.cache.CacheKey;
import io.alldocs.cache.entry.EntryMetadata;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The two forms in which a registry serves a packument. They are stored under different keys and never substitute for
 * each other by accident. The abbreviated form has no {@code time}, {@code _id}, {@code _rev}, {@code readme} or
 * {@code maintainers} (<a href="https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md">npm's
 * description</a>).
 */
public enum PackumentForm {
    /** The complete document, stored under {@code v1:packument:…}. */
    FULL("application/json"),
    /**
     * The part that an installer needs, stored under {@code v1:abbreviated:…}. The Accept header is the one that npm's
     * own clients send.
     */
    ABBREVIATED("application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8");

    private static final String ABBREVIATED_TYPE = "application/vnd.npm.install-v1+json";

    private final String accept;

    PackumentForm(String accept) {
        this.accept = accept;
    }

    /** Returns the Accept header that requests this form. */
    String accept() {
        return accept;
    }

    /** Returns the form in lower case, as recorded in an {@link io.alldocs.cache.entry.EntryMetadata}. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the kind of the keys under which this form is stored. */
    CacheKey.Kind kind() {
        return this == FULL ? CacheKey.Kind.PACKUMENT : CacheKey.Kind.ABBREVIATED;
    }

    CacheKey key(URI registry, String name) {
        return this == FULL ? CacheKey.packument(registry, name) : CacheKey.abbreviated(registry, name);
    }

    PackumentForm other() {
        return this == FULL ? ABBREVIATED : FULL;
    }

    /**
     * Returns the form of a stored document, from its metadata or, for entries that other programs wrote, from its
     * Content-Type. Empty if neither contains it.
     */
    static Optional<PackumentForm> of(EntryMetadata head) {
        for (PackumentForm form : values()) {
            if (form.label().equals(head.form())) {
                return Optional.of(form);
            }
        }
        return Optional.ofNullable(head.headers().get("content-type")).map(PackumentForm::ofContentType);
    }

    /**
     * Returns the form that a response's Content-Type specifies. It is abbreviated only if explicitly specified,
     * because mirrors that do not support that form send plain JSON.
     */
    static PackumentForm ofContentType(@Nullable String contentType) {
        return contentType != null
                        && contentType.trim().toLowerCase(Locale.ROOT).startsWith(ABBREVIATED_TYPE)
                ? ABBREVIATED
                : FULL;
    }
}
