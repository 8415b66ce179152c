package io.alldocs.cache;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.alldocs.cache.internal.json.Json;
import io.alldocs.cache.internal.json.JsonNodes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value as a tree. Public methods of this project use this type instead of a Jackson type, so that the JSON
 * library can change without affecting users.
 *
 * <pre>{@code
 * String latest = result.json().at("/dist-tags/latest").asText();
 * Manifest manifest = result.json().path("versions").path(latest).as(Manifest.class);
 * }</pre>
 *
 * <p>Navigation methods have the names of Jackson's {@code JsonNode} and never return null. If {@link #path} or
 * {@link #at} finds nothing, it returns a missing value. This value has no members and is read as an empty string, 0 or
 * false. {@link #as} converts a value into a record, a Map, or the tree of Jackson 2 ({@code as(JsonNode.class)}). To
 * use another JSON library, parse {@link #toBytes()} with it. Jackson 2 and 3 also read and write a {@code JsonTree}
 * that is a part of another value. They then read JSON's null as Java's null.
 *
 * <p>Whole numbers keep all digits. A number with a decimal point or an exponent becomes the nearest {@code double}, as
 * in JavaScript. A number beyond the range of {@code double} becomes infinite, and is written as a string. If an object
 * has a member twice, the last one counts. Objects and arrays may be nested up to 200,000 levels (the limit of
 * {@link CacheEntry#json()}); the limit also applies to {@link #equals} and to writing.
 *
 * <p>Immutable and safe for concurrent use. Jackson's trees are not copied, so do not change a tree that was passed to
 * {@link #of} or returned by {@link #as}.
 */
public final class JsonTree implements Iterable<JsonTree> {
    private static final JsonTree MISSING = new JsonTree(MissingNode.getInstance());
    private static final JsonTree NULL = new JsonTree(NullNode.getInstance());

    private final JsonNode node;

    JsonTree(JsonNode node) {
        this.node = node;
    }

    /** Lets Jackson 2 and 3, which have these annotations in common, read a tree as Java's own types. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    private static JsonTree read(Object value) {
        return of(value);
    }

    /** Lets Jackson 2 and 3 write a tree as Java's own types. */
    @JsonValue
    private @Nullable Object value() throws JsonProcessingException {
        return Json.DOCUMENTS.treeToValue(node, Object.class);
    }

    /**
     * Returns a value as a tree: the one that {@link #parse(String)} returns for the JSON text of the value.
     *
     * @param value null, or any value that Jackson can write: string, number, Map, Collection, record, JsonTree, or a
     *     tree of Jackson 2. The latter is not copied and must not be changed later
     * @throws IllegalArgumentException if Jackson cannot write the value, or if it is nested deeper than 1,000 levels
     *     and is not a tree
     */
    public static JsonTree of(@Nullable Object value) {
        if (value == null) {
            return NULL;
        }
        if (value instanceof JsonTree tree) {
            return tree;
        }
        if (value instanceof JsonNode node) {
            return wrapped(node);
        }
        try {
            return new JsonTree(Json.DOCUMENTS.readTree(Json.MAPPER.writeValueAsString(value)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("A value cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Parses JSON text.
     *
     * @throws IllegalArgumentException if the text is not one JSON value
     */
    public static JsonTree parse(String json) {
        try {
            return parsed(Json.DOCUMENTS.readTree(json));
        } catch (JsonProcessingException e) {
            throw notJson(e);
        }
    }

    /**
     * Parses UTF-8.
     *
     * @throws IllegalArgumentException if the bytes are not one JSON value in UTF-8
     */
    public static JsonTree parse(byte[] json) {
        try {
            return parsed(Json.DOCUMENTS.readTree(json));
        } catch (IOException e) {
            throw notJson(e);
        }
    }

    /**
     * Parses UTF-8, to the end of the stream, and closes the stream.
     *
     * @throws IllegalArgumentException if the bytes are not one JSON value in UTF-8
     * @throws IOException if the stream cannot be read
     */
    public static JsonTree parse(InputStream json) throws IOException {
        try (json) {
            return parsed(Json.DOCUMENTS.readTree(json));
        } catch (JsonProcessingException e) {
            throw notJson(e);
        }
    }

    private static JsonTree parsed(JsonNode node) {
        if (node.isMissingNode()) {
            throw new IllegalArgumentException("An empty text is not JSON.");
        }
        return new JsonTree(node);
    }

    private static IllegalArgumentException notJson(IOException e) {
        String reason = e instanceof JsonProcessingException parsing ? parsing.getOriginalMessage() : e.getMessage();
        return new IllegalArgumentException("The text is not JSON: " + reason, e);
    }

    /**
     * Returns this value as another type. Members that the type does not have are ignored.
     *
     * @param type any type that Jackson 2 can read: a record, {@code Map}, {@code List}, {@code BigInteger} … For the
     *     tree of Jackson 2, pass {@code JsonNode} or a subclass. The tree is not copied, so copy it before you change
     *     it
     * @throws IllegalArgumentException if the value does not have the form of {@code type}. Also if this value is
     *     missing or JSON's null, and {@code type} is not a tree
     */
    public <T> T as(Class<T> type) {
        if (type == JsonTree.class) {
            return type.cast(this);
        }
        if (JsonNode.class.isAssignableFrom(type) && type.isInstance(node)) {
            return type.cast(node);
        }
        T value;
        try {
            value = Json.DOCUMENTS.treeToValue(node, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "A JSON value cannot be read as " + type.getName() + ": " + e.getOriginalMessage(), e);
        }
        if (value == null) {
            throw new IllegalArgumentException((node.isMissingNode() ? "A missing JSON value" : "JSON's null")
                    + " cannot be read as " + type.getName() + ".");
        }
        return value;
    }

    /** Returns the value of a member; a missing value if this is not an object or does not have the member. */
    public JsonTree path(String member) {
        return wrapped(node.path(member));
    }

    /**
     * Returns the element at an index, counted from 0; a missing value if this is not an array or does not have the
     * element.
     */
    public JsonTree path(int index) {
        return wrapped(node.path(index));
    }

    /**
     * Returns the value at a JSON pointer (RFC 6901), such as {@code /dist-tags/latest}; a missing value if nothing is
     * there.
     *
     * @throws IllegalArgumentException if the pointer is not empty and does not begin with a slash
     */
    public JsonTree at(String pointer) {
        return wrapped(node.at(pointer));
    }

    private static JsonTree wrapped(JsonNode node) {
        return node.isMissingNode() ? MISSING : new JsonTree(node);
    }

    /** Returns whether this is an object with the member; its value may be null. */
    public boolean has(String member) {
        return node.has(member);
    }

    /** Returns the number of members or elements; 0 for other values. */
    public int size() {
        return node.size();
    }

    /** Returns whether {@link #size()} is 0. */
    public boolean isEmpty() {
        return node.isEmpty();
    }

    /**
     * Returns the names and values of an object's members, in order; an empty map for other values. The map is
     * unmodifiable.
     */
    public Set<Map.Entry<String, JsonTree>> properties() {
        Map<String, JsonTree> properties = new LinkedHashMap<>();
        node.properties().forEach(each -> properties.put(each.getKey(), new JsonTree(each.getValue())));
        return Collections.unmodifiableMap(properties).entrySet();
    }

    /** Returns the elements of an array, or the values of an object's members, in order; none for other values. */
    @Override
    public Iterator<JsonTree> iterator() {
        return stream().iterator();
    }

    /** Returns the values of {@link #iterator()} as a stream. */
    public Stream<JsonTree> stream() {
        return StreamSupport.stream(node.spliterator(), false).map(JsonTree::wrapped);
    }

    /** Returns whether {@code path} or {@code at} found nothing. */
    public boolean isMissingNode() {
        return node.isMissingNode();
    }

    /** Returns whether this is JSON's null. */
    public boolean isNull() {
        return node.isNull();
    }

    /** Returns whether this is an object. */
    public boolean isObject() {
        return node.isObject();
    }

    /** Returns whether this is an array. */
    public boolean isArray() {
        return node.isArray();
    }

    /** Returns whether this is a string. */
    public boolean isTextual() {
        return node.isTextual();
    }

    /** Returns whether this is a number. */
    public boolean isNumber() {
        return node.isNumber();
    }

    /** Returns whether this is true or false. */
    public boolean isBoolean() {
        return node.isBoolean();
    }

    /** Returns the value of a string, or a number or boolean as a string; an empty string for other values. */
    public String asText() {
        return asText("");
    }

    /** Returns the value of a string, or a number or boolean as a string; {@code other} for other values. */
    public String asText(String other) {
        return node.isValueNode() && !node.isNull() ? node.asText() : other;
    }

    /**
     * Returns the whole part of a number, or of a string that contains a number in the range of {@code int}. Returns 1
     * for true, and 0 for other values. A number outside the range becomes the lowest or highest {@code int}.
     */
    public int asInt() {
        return JsonNodes.asInt(node);
    }

    /** Returns the same as {@link #asInt()}, but in the range of {@code long}. */
    public long asLong() {
        return JsonNodes.asLong(node);
    }

    /**
     * Returns a number, or a string that contains a number, as the nearest {@code double}; 1 for true, and 0 for other
     * values. A number beyond the range of {@code double} becomes infinite.
     */
    public double asDouble() {
        return node.asDouble();
    }

    /** Returns whether this is true, the string {@code true}, or a whole number other than 0. */
    public boolean asBoolean() {
        return node.asBoolean();
    }

    /** Returns the JSON text in one line, in UTF-8; an empty array for a missing value. */
    public byte[] toBytes() {
        return JsonNodes.bytes(node);
    }

    /**
     * Writes {@link #toBytes()}; does not close the stream.
     *
     * @throws IOException if the stream refuses bytes
     */
    public void writeTo(OutputStream out) throws IOException {
        JsonNodes.write(node, out);
    }

    /**
     * Returns whether {@code other} is the same JSON value. The order of members does not matter. Whole numbers are
     * equal if their values are equal, and other numbers if their {@code double} values are equal; 1 and 1.0 differ.
     */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof JsonTree tree && JsonNodes.same(node, tree.node);
    }

    @Override
    public int hashCode() {
        return JsonNodes.hash(node);
    }

    /** Returns the JSON text in one line; an empty string for a missing value. */
    @Override
    public String toString() {
        return JsonNodes.text(node, false);
    }

    /** Returns the JSON text in indented lines; an empty string for a missing value. */
    public String toPrettyString() {
        return JsonNodes.text(node, true);
    }
}
