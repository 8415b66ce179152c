package io.alldocs.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Lists the public members of libraries that use a type of Jackson 2. Each one is a place that must change when another
 * version of Jackson replaces it, so no further one may appear unnoticed.
 */
class JacksonTest {
    private static final String JACKSON = "com.fasterxml.jackson.";

    /** Programs, test suites and the servers of tests. */
    private static final Pattern NO_LIBRARY = Pattern.compile("io\\.alldocs\\."
            + "(cli|examples|house|storage\\.emulators|\\w+(\\.\\w+)?\\.contract|.*\\.internal)(\\..*)?");

    /** The members that return or take a tree or a parser. Another one needs a reason, and a row here. */
    private static final Set<String> ALLOWED = Set.of(
            "Answer.<init>",
            "Answer.body",
            "Answer.of",
            "CacheEntry.json",
            "CachedPackument.parser",
            "Chunk.<init>",
            "Chunk.names",
            "Chunk.of",
            "Chunk.toJson",
            "CompletenessReport.toJson",
            "DocumentJson.factory",
            "DocumentJson.parser",
            "Header.<init>",
            "Header.sequence",
            "JobProgress.toJson",
            "JobState.<init>",
            "JobState.definition",
            "JobState.toJson",
            "PackumentResult.json",
            "Sequence.of",
            "Sequence.toJson",
            "SyncJob.of",
            "SyncJob.toJson",
            "SyncReport.toJson",
            "SyncResult.toJson",
            "SyncStatus.toJson",
            "WorkItem.<init>",
            "WorkItem.of",
            "WorkItem.payload",
            "WorkItem.toJson",
            "WorkResult.<init>",
            "WorkResult.details");

    @Test
    void publicMembers_withATypeOfJackson_areListed() {
        JavaClasses ours = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.alldocs");

        assertThat(withJackson(ours.stream()
                        .filter(type ->
                                !NO_LIBRARY.matcher(type.getPackageName()).matches())
                        .filter(JacksonTest::isVisible)))
                .as(
                        "public members that use a type of Jackson; offer bytes, streams or a class of the caller's instead")
                .isEqualTo(ALLOWED);
    }

    @Test
    void rule_memberWithATypeOfJackson_isFound() {
        JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);

        assertThat(withJackson(planted.stream()))
                .containsExactlyInAnyOrder("Planted.<init>", "Planted.field", "Planted.returned", "Planted.nested");
    }

    /** A public type with members that use Jackson, and members that do not or are not public. */
    public static class Planted {
        /** Found. */
        protected final @Nullable JsonNode field;

        /** Found. */
        public Planted(JsonNode field) {
            this.field = field;
        }

        /** Found. */
        public @Nullable JsonNode returned() {
            return hidden();
        }

        /** Found. */
        public List<JsonNode> nested() {
            return List.of();
        }

        /** Not found. */
        public String text() {
            return String.valueOf(field);
        }

        @Nullable
        JsonNode hidden() {
            return field;
        }
    }

    private static Set<String> withJackson(Stream<JavaClass> classes) {
        Set<String> found = new TreeSet<>();
        classes.flatMap(type -> type.getMembers().stream())
                .filter(JacksonTest::isVisible)
                .filter(member -> types(member)
                        .flatMap(type -> type.getAllInvolvedRawTypes().stream())
                        .anyMatch(type -> type.getName().startsWith(JACKSON)))
                .forEach(member -> found.add(member.getOwner().getSimpleName() + "." + member.getName()));
        return found;
    }

    private static boolean isVisible(JavaClass type) {
        boolean isVisible = type.getModifiers().contains(JavaModifier.PUBLIC)
                || type.getModifiers().contains(JavaModifier.PROTECTED);
        return isVisible && type.getEnclosingClass().map(JacksonTest::isVisible).orElse(true);
    }

    private static boolean isVisible(JavaMember member) {
        return !member.getModifiers().contains(JavaModifier.SYNTHETIC)
                && (member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED));
    }

    private static Stream<JavaType> types(JavaMember member) {
        if (member instanceof JavaField field) {
            return Stream.of(field.getType());
        }
        JavaCodeUnit code = (JavaCodeUnit) member;
        return Stream.concat(Stream.of(code.getReturnType()), code.getParameterTypes().stream());
    }
}
