import { mount } from 'svelte';

import { keepFocus } from './focus';
import Main from './main/Main.svelte';
import { store } from './store.svelte';
import './styles/all.css';

mount(Main, { target: document.getElementById('page')! });
keepFocus();
void store.open();
