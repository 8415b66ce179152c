package io.alldocs.storage.cloudflare;

import io.alldocs.cache.spi.KeyNames;
import io.alldocs.cache.spi.KeyOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lists the keys of a namespace page by page. A page may be empty without being the last. */
final class KeyLister implements Supplier<@Nullable Collection<String>> {
    private final Namespace namespace;
    private final Names names;
    private final String prefix;
    private final String stem;
    private @Nullable String last;
    private @Nullable String cursor;
    private boolean more;

    KeyLister(Namespace namespace, Names names, String prefix, @Nullable String startAfter) {
        if (startAfter != null) {
            KeyNames.requireUnicode(startAfter);
        }
        this.namespace = namespace;
        this.names = names;
        this.prefix = prefix;
        this.stem = names.stem(prefix);
        this.last = startAfter;
        this.more = names.fits(stem);
    }

    @Override
    public @Nullable Collection<String> get() {
        if (!more) {
            return null;
        }
        KvAnswer.Page answer = namespace.attempt(
                "list the keys that begin with", prefix, () -> namespace.api().names(stem, cursor));
        List<String> keys = new ArrayList<>(answer.names().size());
        for (String name : answer.names()) {
            names.key(name).filter(this::isNext).ifPresent(key -> {
                last = key;
                keys.add(key);
            });
        }
        cursor = answer.cursor();
        more = cursor != null;
        return keys;
    }

    private boolean isNext(String key) {
        return key.startsWith(prefix) && (last == null || KeyOrder.UTF8.compare(key, last) > 0);
    }
}
