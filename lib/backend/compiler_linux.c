// A plugin's table of functions with a compiler of ours in it: see compiler_linux.go. Of PJRT's C interface only what is needed, as
// pjrt_c_api.h lays it out; within a major version fields are only added, at the end.
#include "compiler_linux.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { // places in the table
	Error_Destroy = 0,
	Client_Compile = 20,
	Executable_Destroy = 40,
	Executable_Serialize = 49,
	LoadedExecutable_GetExecutable = 51,
	Executable_DeserializeAndLoad = 56,
	needed,
};

typedef void *function(void *args);

struct api {
	size_t struct_size;
	void *extensions;
	struct {
		size_t struct_size;
		void *extensions;
		int major, minor;
	} version;
	function *functions[];
};

static struct api *theirs;

// goCompile is Go's; it returns a PJRT_Error.
extern void *goCompile(struct compile *);

static void *compile(void *args) { return goCompile(args); }

void *genlab_plugin(const char *path) {
	void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	struct api *(*get)(void) = library ? (struct api *(*)(void))dlsym(library, "GetPjrtApi") : NULL;
	struct api *api = get ? get() : NULL;
	if (!api || api->version.major != 0 || api->struct_size < sizeof(struct api) + needed * sizeof(function *))
		return NULL;
	struct api *copy = malloc(api->struct_size);
	if (!copy)
		return NULL;
	memcpy(copy, api, api->struct_size);
	copy->functions[Client_Compile] = compile;
	theirs = api;
	return copy;
}

void *genlab_compile(struct compile *args) { return theirs->functions[Client_Compile](args); }

// forget frees an error and says whether there was one.
static int forget(void *error) {
	if (error) {
		struct { size_t struct_size; void *extensions, *error; } args = {sizeof args, NULL, error};
		theirs->functions[Error_Destroy](&args);
	}
	return error != NULL;
}

int genlab_load(struct compile *args, const char *program, size_t size) {
	struct {
		size_t struct_size;
		void *extensions, *client;
		const char *program;
		size_t size;
		void *executable;
		const char *options;
		size_t options_size;
	} load = {sizeof load, NULL, args->client, program, size, NULL, NULL, 0};
	if (forget(theirs->functions[Executable_DeserializeAndLoad](&load)))
		return 0;
	args->executable = load.executable;
	return 1;
}

int genlab_serialize(void *loaded, struct serialized *s) {
	struct { size_t struct_size; void *extensions, *loaded, *executable; } get = {sizeof get, NULL, loaded, NULL};
	if (forget(theirs->functions[LoadedExecutable_GetExecutable](&get)))
		return 0;
	memset(s, 0, sizeof *s);
	s->struct_size = sizeof *s;
	s->executable = get.executable;
	int failed = forget(theirs->functions[Executable_Serialize](s));
	struct { size_t struct_size; void *extensions, *executable; } destroy = {sizeof destroy, NULL, get.executable};
	forget(theirs->functions[Executable_Destroy](&destroy));
	return !failed;
}

void genlab_free(struct serialized *s) { s->free(s->owner); }
